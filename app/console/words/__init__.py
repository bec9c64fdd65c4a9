"""The templates' half of the design room: what is said in which language and medium, edited beside
the message as it will be seen. Drafts, approvals and publishing are `app.drafting`.
"""

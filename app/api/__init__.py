"""The API for machines: `/api/v1`. Every route asks who calls, and for which creditor."""

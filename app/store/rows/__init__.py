"""Every row that Duly keeps. SQLModel defines the tables; hot paths read and write them by Core."""

from app.store.rows.api import ApiCall, ApiKey, Endpoint, EndpointCall
from app.store.rows.arrangement import (
    Complaint,
    Dispute,
    Hardship,
    Hold,
    Instalment,
    MediumPrior,
    Notice,
    Plan,
    PlanWish,
    Promise,
    SpecialNote,
    Task,
)
from app.store.rows.bank import BankEntry, BankStatement
from app.store.rows.campaign import (
    Campaign,
    Case,
    CaseSignal,
    Event,
    Publication,
    Refused,
    Revision,
)
from app.store.rows.charge import Charge, ReferenceRate
from app.store.rows.creditor import Creditor, Halt, Logo, Sender, SenderPrice
from app.store.rows.customer import (
    Address,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Person,
    Suppression,
)
from app.store.rows.desk import InboxItem, PhoneCall, WorkLease
from app.store.rows.draft import Draft, DraftEvent
from app.store.rows.errand import Errand
from app.store.rows.figures import DailyFigure, FigureDay, FigureMark, StandingFigure
from app.store.rows.finding import CustomerWord, WordMark
from app.store.rows.ledger import (
    Allocation,
    Checkout,
    ImportRun,
    Invoice,
    Payment,
    Reversal,
)
from app.store.rows.mandate import Mandate
from app.store.rows.message import (
    ApprovedText,
    Attempt,
    Inbound,
    Link,
    Message,
    MessageApproval,
    Reply,
)
from app.store.rows.notes import CustomerNote, SavedView
from app.store.rows.offer import Offer
from app.store.rows.on_call import Alarm, AlarmCall, OnCall, OnCallWaiver
from app.store.rows.reject import RejectedFeed, RejectedRow
from app.store.rows.running import EventTally, LoopBeat, TallyMark
from app.store.rows.signoff import AllowedRecipient, SignOff
from app.store.rows.staff import (
    ActHead,
    ActLine,
    SignInLink,
    SignInTry,
    StaffSession,
    StaffUser,
)
from app.store.rows.subscription import Subscription
from app.store.rows.talk import CallWish, Feedback, StaffAnswer
from app.store.rows.teamwork import TaskQuestion
from app.store.rows.told import Means, Proof
from app.store.rows.trail import TrailHead, TrailLine, TrailMark, TrailSalt, WithheldAddress

__all__ = [
    "ActHead",
    "ActLine",
    "Address",
    "Alarm",
    "AlarmCall",
    "Allocation",
    "AllowedRecipient",
    "ApiCall",
    "ApiKey",
    "ApprovedText",
    "Attempt",
    "BankEntry",
    "BankStatement",
    "CallWish",
    "Campaign",
    "Case",
    "CaseSignal",
    "Charge",
    "Checkout",
    "Complaint",
    "Consent",
    "Contact",
    "ContactPoint",
    "Creditor",
    "Customer",
    "DailyFigure",
    "CustomerNote",
    "CustomerWord",
    "Dispute",
    "Draft",
    "DraftEvent",
    "Endpoint",
    "EndpointCall",
    "Errand",
    "Event",
    "EventTally",
    "Feedback",
    "FigureDay",
    "FigureMark",
    "Halt",
    "Hardship",
    "Hold",
    "ImportRun",
    "Inbound",
    "InboxItem",
    "Instalment",
    "Invoice",
    "Link",
    "Logo",
    "LoopBeat",
    "Mandate",
    "Means",
    "MediumPrior",
    "Message",
    "MessageApproval",
    "Notice",
    "Offer",
    "OnCall",
    "OnCallWaiver",
    "Payment",
    "Person",
    "PhoneCall",
    "Plan",
    "PlanWish",
    "Promise",
    "Proof",
    "Publication",
    "ReferenceRate",
    "Refused",
    "RejectedFeed",
    "RejectedRow",
    "Reply",
    "Reversal",
    "Revision",
    "SavedView",
    "Sender",
    "SenderPrice",
    "SignInLink",
    "SignInTry",
    "SignOff",
    "SpecialNote",
    "StaffAnswer",
    "StaffSession",
    "StaffUser",
    "StandingFigure",
    "Subscription",
    "Suppression",
    "TallyMark",
    "Task",
    "TaskQuestion",
    "TrailHead",
    "TrailLine",
    "TrailMark",
    "TrailSalt",
    "WithheldAddress",
    "WorkLease",
    "WordMark",
]

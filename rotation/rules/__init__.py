"""The catalogue: every rule a policy can say, in the rulebook's order. A new rule is one line here."""

from rotation.rules.backbone_quota import BackboneQuota
from rotation.rules.backbone_support import BackboneSupport
from rotation.rules.budget import Budget
from rotation.rules.decisions import Decisions
from rotation.rules.destination import Destination
from rotation.rules.distance import Distance
from rotation.rules.eligibility import Eligibility
from rotation.rules.equal_exchange import EqualExchange
from rotation.rules.establishment import Establishment
from rotation.rules.fair_senders import FairSenders
from rotation.rules.frame import Rule
from rotation.rules.group_shape import GroupShape
from rotation.rules.host_capacity import HostCapacity
from rotation.rules.itinerant import Itinerant
from rotation.rules.leader_exchange import LeaderExchange
from rotation.rules.mentoring import Mentoring
from rotation.rules.preference_floor import PreferenceFloor
from rotation.rules.qualification import Qualification
from rotation.rules.release import Release
from rotation.rules.rotation_quota import RotationQuota
from rotation.rules.rural_coverage import RuralCoverage
from rotation.rules.spouses import Spouses
from rotation.rules.subject_quota import SubjectQuota
from rotation.rules.term import TermRule

CATALOGUE: tuple[type[Rule], ...] = (
    Eligibility,
    Destination,
    Qualification,
    Distance,
    TermRule,
    Decisions,
    Spouses,
    PreferenceFloor,
    RotationQuota,
    BackboneQuota,
    SubjectQuota,
    Release,
    HostCapacity,
    RuralCoverage,
    BackboneSupport,
    EqualExchange,
    FairSenders,
    Establishment,
    GroupShape,
    Budget,
    Itinerant,
    LeaderExchange,
    Mentoring,
)

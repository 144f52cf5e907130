"""What the catalogue does when something happened below."""

from catalog.services import receive_creatives
from core.events import handles
from staff.events import TaskApproved


@handles(TaskApproved)
def take_over_pictures(event: TaskApproved) -> None:
    """Bring approved pictures home to the product they were asked for."""
    if event.subject == "catalog.product" and event.subject_id is not None:
        receive_creatives(task_id=event.task_id, product_id=event.subject_id, revision_ids=event.revision_ids)

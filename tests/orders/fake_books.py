"""The register's books in memory: what a test sees of them, without a file."""

from contextlib import contextmanager

from jikimi.model.order import DeviceKind
from jikimi.orders.ports import Due, DueKind


class FakePage:
    def __init__(self):
        self.labels, self.kept, self.all_events, self.all_marks, self.all_tasks = {}, {}, [], {}, {}
        self.all_links, self.all_funnels, self.all_assignments, self.told = {}, {}, {}, {}

    def copied(self):
        """Return a page of its own; what lies in it is never changed, only replaced."""
        other = FakePage()
        other.__dict__ = {name: value.copy() for name, value in self.__dict__.items()}
        other.all_marks = {person_id: set(has) for person_id, has in self.all_marks.items()}
        return other

    def put_label(self, person_id, label):
        self.labels[person_id] = label

    def dossier(self, order_id):
        return self.kept[order_id][0] if order_id in self.kept else None

    def dossiers(self):
        return [self.kept[name][0] for name in sorted(self.kept)]

    def dossiers_of(self, person_ids):
        wanted = set(person_ids)
        return [one for one in self.dossiers() if wanted & {*one.order.monitored_ids, *(p.person_id for p in one.order.protected)}]

    def put_dossier(self, dossier, due_ms, told, untold):
        self.kept[dossier.order.order_id] = (dossier, due_ms)
        for name in untold:
            self.told.pop(name, None)
        self.told.update({one.order_id: one for one in told})

    def add_event(self, event):
        assert event.number == len(self.events(event.order_id)) + 1
        self.all_events.append(event)

    def events(self, order_id):
        return [one for one in self.all_events if one.order_id == order_id]

    def newest_events(self, limit):
        return sorted(self.all_events, key=lambda one: (one.at_ms, one.order_id, one.number), reverse=True)[:limit]

    def log_of(self, person_id):
        return [one for one in self.all_events if one.person_id == person_id]

    def add_marks(self, person_id, marks):
        self.all_marks.setdefault(person_id, set()).update(marks)

    def marks(self, person_id):
        return frozenset(self.all_marks.get(person_id, ()))

    def persons_with(self, marks):
        wanted = set(marks)
        return {person_id for person_id, has in self.all_marks.items() if wanted & has}

    def put_task(self, task):
        self.all_tasks[task.task_id] = task

    def task(self, task_id):
        return self.all_tasks.get(task_id)

    def tasks(self, *, owner=None, order_id=None, is_open=None):
        found = [
            one
            for one in self.all_tasks.values()
            if owner in {None, one.owner} and order_id in {None, one.order_id} and is_open in {None, one.done_ms is None}
        ]
        return sorted(found, key=lambda one: (one.due_ms, one.task_id))

    def put_link(self, link):
        self.all_links[link.link_id] = link

    def link(self, link_id):
        return self.all_links.get(link_id)

    def links(self, order_id=None):
        found = [one for one in self.all_links.values() if order_id in {None, one.order_id, one.tag_order_id}]
        return sorted(found, key=lambda one: (one.opened_ms, one.link_id))

    def put_funnel(self, funnel, due_ms):
        self.all_funnels[funnel.order_id, funnel.person_id] = (funnel, due_ms)

    def funnels(self, order_id):
        return [self.all_funnels[name][0] for name in sorted(self.all_funnels) if name[0] == order_id]

    def put_assignment(self, assignment, due_ms):
        self.all_assignments[assignment.device_id] = (assignment, due_ms)

    def assignment(self, device_id):
        return self.all_assignments[device_id][0] if device_id in self.all_assignments else None

    def assignments(self, order_id=None):
        found = [self.all_assignments[name][0] for name in sorted(self.all_assignments)]
        return [one for one in found if order_id in {None, one.order_id}]

    def tag_given(self, order_id, person_id):
        tags = [one for one in self.assignments(order_id) if one.kind is DeviceKind.TAG and one.returned_ms is None]
        return any(one.person_id == person_id for one in tags)

    def first_due(self):
        dues = [Due(due, DueKind.ORDER, name, "") for name, (_, due) in self.kept.items() if due is not None]
        dues += [Due(due, DueKind.FUNNEL, *name) for name, (_, due) in self.all_funnels.items() if due is not None]
        dues += [Due(due, DueKind.ASSIGNMENT, name, "") for name, (_, due) in self.all_assignments.items() if due is not None]
        return min(dues, default=None)


class FakeBooks:
    def __init__(self):
        self.page = FakePage()

    @contextmanager
    def reading(self):
        yield self.page.copied()

    @contextmanager
    def writing(self):
        draft = self.page.copied()
        yield draft
        self.page = draft

    def orders(self):
        """Return what the core is told."""
        return [self.page.told[name] for name in sorted(self.page.told)]

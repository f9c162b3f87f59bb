"""What the person points at, before it leaves."""

import uuid

from jupyter_mlchat.guard.pointing import LONGEST, MOST, pointed


def test_references_of_the_notebook_leave_as_they_are_and_personal_data_does_not():
    assert pointed(["In[3]", "error in In[12]", 'models["rf"]']) == ["In[3]", "error in In[12]", 'models["rf"]']
    [mail] = pointed(['models["ann@example.org"]'])
    assert "ann" not in mail
    uploads = [f"upload {uuid.UUID(int=n**9).hex}" for n in range(MOST)]
    assert pointed(uploads) == uploads


def test_there_are_few_of_them_and_each_is_short():
    told = pointed(["x" * 10_000] * 10_000)
    assert len(told) == MOST
    assert {len(one) for one in told} == {LONGEST}

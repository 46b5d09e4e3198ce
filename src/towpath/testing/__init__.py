"""For authors of steps: runs a step without a server, and checks that it keeps the contract of steps.

A test of yours begins so::

    from towpath.testing import Conformance, Example


    async def test_it_keeps_the_contract(tmp_path):
        example = Example(config={"path": "a.txt"}, files={"a.txt": "old"})
        assert await Conformance(MyStep, [example], tmp_path).problems() == []
"""

from towpath.testing.conformance import Conformance
from towpath.testing.examples import Example
from towpath.testing.running import contents, context, put, run, told

__all__ = ["Conformance", "Example", "contents", "context", "put", "run", "told"]

"""For authors of metric providers: checks that one keeps the contract of `towpath.verification.provider`.

A test of yours begins so::

    from towpath.testing.providers import ProviderConformance, ProviderExample
    from towpath.verification.provider import HttpAnswer


    async def test_it_keeps_the_contract():
        example = ProviderExample(
            config={"url": "https://a.example"},
            respond=lambda asked: HttpAnswer(status=200, headers={}),
        )
        assert await ProviderConformance(MyProvider, [example]).problems() == []
"""

from towpath.testing.providers.bench import AskedRequest, MeasuringBench, ProviderExample
from towpath.testing.providers.conformance import ProviderConformance

__all__ = ["AskedRequest", "MeasuringBench", "ProviderConformance", "ProviderExample"]

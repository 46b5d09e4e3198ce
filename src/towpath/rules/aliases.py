"""Aliases: names of Freight that people can say, `adjective-noun`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ADJECTIVE_WORDS: Final = (
    "able amber ample azure bold brave brief bright brisk broad calm candid cheerful chief civil clear clever close "
    "coastal cool copper cosy crisp curious daily daring deep dense distant dry eager early earnest easy even fabled "
    "fair famous fast fine firm fleet fluent fond frank free fresh frosty full gentle giant glad golden good grand "
    "green happy hardy hearty hidden high hollow honest humble idle inland iron jolly keen kind large lasting late "
    "lean level light lively local lofty long loud loyal lucid lucky lunar mellow merry mighty mild misty modest "
    "narrow native neat new nimble noble northern novel oaken old open orderly patient peaceful plain polite "
    "proper proud pure quaint quick quiet rapid rare ready regal rich ripe robust rosy round royal rugged rural "
    "sable safe sandy secret serene sharp shining short silent silver simple sleek slender slow smart smooth "
    "snowy sober soft solar solid southern spare sparse stable steady steep still stout strong sturdy subtle sunny "
    "supple sure swift tall tame tender thorough tidy timely tranquil true trusty upland upright vast velvet vital "
    "vivid warm watchful western whole wide wild windy winding wise wooden woven young zealous"
)
_NOUN_WORDS: Final = (
    "acorn alder anchor arch ash aspen badger bank barge barley basin beacon beaver bell birch bittern bobbin bollard "
    "boulder bow bramble bridge brook buoy cabin canal cargo carp cedar chain channel chart clover coble coil cove "
    "crane creek crest culvert current dale dam dock dove draught drift duck dyke eddy eel elder elm estuary falcon "
    "fern ferry field finch fjord fleet float flood ford fox furlong gate gauge glade grebe grove gull hamlet harbour "
    "hawk hawser hazel heath hedge heron hill horn horse hull island ivy jetty keel kestrel kiln kingfisher lake "
    "lamp landing lantern lapwing lark lattice ledge lever lily linnet lock lodge loom maple marsh mast meadow mill "
    "minnow mole moor mooring moss narrows oak oar orchard osier otter paddle painter path pebble perch pier pike "
    "pilot pine plank plover pond pool poplar port post quarry quay rail rapids raven reach reed reef ridge ripple "
    "river robin rook rope rudder rush sail salmon sedge shallow sheaf shoal shore siding skiff slip sluice snipe "
    "span spar spring stag starling steeple stern stile stone stream summit swallow swan tarn teal thicket thistle "
    "thrush tide tiller timber tow trail tributary trout tug tunnel vale valley vessel viaduct wagtail wall warbler "
    "water weir wharf wheel wherry willow winch wren yard yarrow yew"
)
_ADJECTIVES: Final = tuple(_ADJECTIVE_WORDS.split())
_NOUNS: Final = tuple(_NOUN_WORDS.split())
_WITH_NUMBER: Final = 32


def draw_alias(choose: Callable[[Sequence[str]], str], is_taken: Callable[[str], bool]) -> str:
    """Return an alias that is free. `choose` picks one of several words, at random.

    After many that were taken, a number is added.
    """
    drawn = 0
    while True:
        alias = f"{choose(_ADJECTIVES)}-{choose(_NOUNS)}"
        if drawn >= _WITH_NUMBER:
            alias = f"{alias}-{choose([str(number) for number in range(2, 1000)])}"
        if not is_taken(alias):
            return alias
        drawn += 1

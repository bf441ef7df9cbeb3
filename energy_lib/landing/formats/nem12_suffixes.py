"""What an NMI suffix says of its data stream (AEMO, National Metering Identifier Procedure, data stream suffixes)."""

from __future__ import annotations

from energy_lib.vocabulary import Flow

# AEMO looks from the network: what it exports to the site is E (D and F: average and check), what the site sends back
# is B (A and C), and N is the net of both.
FLOW_OF = {
    **dict.fromkeys("DEF", Flow.IMPORT),
    **dict.fromkeys("ABC", Flow.EXPORT),
    "N": Flow.NET,
}
# Reactive (J to L, P to R, net X) and apparent energy (S to U), and their units.
NOT_ACTIVE = frozenset("JKLPQRSTUX")
NOT_ACTIVE_UNIT = "KVA"


def flow_of(suffix: str) -> Flow:
    """Flow of a data stream; import where the suffix is none of AEMO's letters."""
    return FLOW_OF.get(suffix[:1].upper(), Flow.IMPORT)


def is_active_energy(suffix: str, unit: str) -> bool:
    return suffix[:1].upper() not in NOT_ACTIVE and not unit.upper().startswith(NOT_ACTIVE_UNIT)

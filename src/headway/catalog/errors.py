"""What can go wrong with data products."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class UnreadableFile(Invalid):
    """The file cannot be read as a table; the faults say where and why."""

    code = "catalog.unreadable_file"


class NoRoom(Unavailable):
    """The disk of the server is full; nothing was kept."""

    code = "catalog.no_room"


class UnknownColumn(Invalid):
    """A column that was named is not in the file."""

    code = "catalog.unknown_column"


class InvalidContract(Invalid):
    """The contract does not follow the Open Data Contract Standard, or asks for a rule that does not exist."""

    code = "catalog.invalid_contract"


class ColumnsDiffer(Conflict):
    """A new file of a product does not have the columns of its contract."""

    code = "catalog.columns_differ"


class BatchRefused(Conflict):
    """Rows of the file break the contract and the port lets no such file in; it is kept for looking at."""

    code = "catalog.batch_refused"


class ContractBreaks(Conflict):
    """A contract that came with a file promises less than the one in force; the faults name what breaks."""

    code = "catalog.contract_breaks"


class ContractWaits(Conflict):
    """Consumers are being asked about a change of the contract."""

    code = "catalog.contract_waits"


class KeyUnusable(Invalid):
    """Rows cannot be told apart by the contract's key, or it has none."""

    code = "catalog.key_unusable"


class ModeRefused(Conflict):
    """A file cannot be put to the rows there are by a port that sets bad rows aside or refuses them."""

    code = "catalog.mode_refused"


class SnapshotExpired(NotFound):
    """The rows of a snapshot are not kept any more; what is known of it is."""

    code = "catalog.snapshot_expired"


class LakeBusy(Conflict):
    """Another writer kept changing the table."""

    code = "catalog.lake_busy"


class UnknownProduct(NotFound):
    """There is no data product of this name."""

    code = "catalog.unknown_product"


class UnknownUpload(NotFound):
    """There is no upload of this id, or it was not used in time and is gone."""

    code = "catalog.unknown_upload"


class UnknownTable(NotFound):
    """The lake holds no table, snapshot or tag of this name."""

    code = "catalog.unknown_table"


class StaleSuggestion(Conflict):
    """A suggestion does not fit the table it is applied to."""

    code = "catalog.stale_suggestion"


class InvalidDictionary(Invalid):
    """A dictionary of terms cannot be read, or says what makes no sense; the faults list all of it."""

    code = "catalog.invalid_dictionary"

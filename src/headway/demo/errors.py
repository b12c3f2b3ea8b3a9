"""Errors of the simulator."""

from headway.kernel.errors import Conflict, Invalid, Unavailable


class SpecInvalid(Invalid):
    """The description of a company has faults; every fault is listed and nothing is written."""

    code = "demo.spec_invalid"


class FolderTaken(Conflict):
    """The folder for the company holds files already; nothing is overwritten."""

    code = "demo.folder_taken"


class FolderUnwritable(Unavailable):
    """The company's files cannot be written: no permission, or the disk is full."""

    code = "demo.folder_unwritable"

"""What can go wrong with descriptors of products."""

from __future__ import annotations

from headway.kernel.errors import Invalid


class DescriptorInvalid(Invalid):
    """A descriptor does not follow the Open Data Product Standard, or names what is not there; every fault is told."""

    code = "catalog.invalid_descriptor"

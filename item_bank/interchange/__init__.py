"""Instruments in the formats of other systems, and back without loss.

Each module offers ``write(form, others=())``, with the same form in other
languages, and ``read(text)``, which returns the forms by language. The words
stand where the format has a place for words; what it has no place for (coding
of reasons, evidence, versions) travels beside them as one record.
"""

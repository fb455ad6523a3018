"""Instruments in the formats of other systems, and back without loss.

``write(form, others)`` takes the same form in other languages along, and
``read`` gives the forms by language; a REDCap dictionary holds one form in one
language. Words stand where the format has a place for words; what it has no
place for (coding of reasons, evidence, versions) travels beside as one record.
"""

"""What whoever runs the service asks and does: health, metrics, doctor, backup, keys.

Nothing here tells of a person: no count of people, no answer, no name.
"""

"""Long, a row an assessment; or wide, a row a person with later waves beside."""

LAYOUTS = {
    "long": "A row for each time that somebody answered",
    "wide": "A row for each person; later waves in columns such as trust_listened_w2",
}


def wide(answers, meanings):
    """Rows of answers and of their codebook with one row for each person.

    The columns of the first wave keep their names; those of wave 2 end in _w2. A
    later column in which nothing stands is left out. Columns of later waves belong to
    no scale, so that a report on the file is about the first.
    """
    header, *rows = answers
    person, wave = header.index("person"), header.index("wave")
    kept = [place for place, name in enumerate(header) if name != "wave"]
    by_person, waves = {}, {int(row[wave]) for row in rows}
    for row in rows:
        by_person.setdefault(row[person], {})[int(row[wave])] = row
    later = [
        (number, place)
        for number in sorted(waves - {1})
        for place in kept
        if place != person and _any(by_person.values(), number, place)
    ]
    names = [header[place] for place in kept]
    names += [_later(header[place], number) for number, place in later]
    made = [
        [name if place == person else _cell(said, 1, place) for place in kept]
        + [_cell(said, number, place) for number, place in later]
        for name, said in sorted(by_person.items())
    ]
    chosen = [(header[place], number) for number, place in later]
    return [names, *made], _meanings(meanings, chosen)


def _later(name, number):
    return f"{name}_w{number}"


def _cell(said, number, place):
    if number not in said:
        return ""
    cell = said[number][place]
    return "" if cell is None else cell


def _any(people, number, place):
    return any(_cell(said, number, place) != "" for said in people)


def _meanings(meanings, later):
    """The codebook's rows without the wave, and again for each later column."""
    names, *rows = meanings
    column, scale = names.index("column"), names.index("scale")
    made = [row for row in rows if row[column] != "wave"]
    for name, number in later:
        for row in rows:
            if row[column] == name:
                again = [*row]
                again[column], again[scale] = _later(name, number), ""
                made.append(again)
    return [names, *made]

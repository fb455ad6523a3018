"""Statements that are sent so often that what goes around each must cost little.

SQLAlchemy turns a statement into text, and says how each value goes in and comes out.
Here that is kept for each database, and the driver is told by its own cursor; what an
engine listens to hears of it as of any other statement, and an error is SQLAlchemy's.
"""


class Kept:
    """A statement whose parameters are single values, by their names."""

    def __init__(self, statement):
        self.statement, self._made = statement, {}

    def send(self, connection, values):
        """Send it on a connection of SQLAlchemy's, which has its transaction."""
        self._cursor(connection, values).close()

    def rows(self, connection, values):
        """The rows that it finds, as lists, in the types of its columns."""
        cursor = self._cursor(connection, values)
        try:
            found = [list(row) for row in cursor.fetchall()]
        except Exception as problem:
            connection._handle_dbapi_exception(problem, None, None, cursor, None)
        cursor.close()
        for place, read in self._of(connection).readers:
            for row in found:
                row[place] = read(row[place])
        return found

    def _cursor(self, connection, values):
        made = self._of(connection)
        given = made.given(values)
        cursor = connection.connection.cursor()
        for hear in connection.engine.dispatch.before_cursor_execute:
            hear(connection, cursor, made.text, given, made, False)
        try:
            cursor.execute(made.text, given)
        except Exception as problem:  # as after any statement: lets go of what broke
            connection._handle_dbapi_exception(problem, made.text, given, cursor, None)
        return cursor

    def _of(self, connection):
        dialect = connection.dialect
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = Made(self.statement, dialect)
        return made


class Made:
    """What a statement is on one database: its text, and what becomes of values."""

    def __init__(self, statement, dialect):
        compiled = statement.compile(dialect=dialect)
        self.invoked_statement, self.text = statement, str(compiled)
        self.defaults, self.order = compiled.params, compiled.positiontup
        to_driver = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        self.writers = [(name, write) for name, write in to_driver.items() if write]
        columns = getattr(statement, "selected_columns", ())
        from_driver = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in columns
        ]
        self.readers = [(n, read) for n, read in enumerate(from_driver) if read]

    def given(self, values):
        """The parameters as the driver takes them: by place, or by name."""
        every = {**self.defaults, **values}
        for name, write in self.writers:
            every[name] = write(every[name])
        if self.order is None:
            return every
        return tuple([every[name] for name in self.order])

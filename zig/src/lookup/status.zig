//! What opening and building return: the only error vocabulary of the C interface.
pub const Status = enum(i32) {
    ok = 0,
    bad_argument = 1,
    out_of_memory = 2,
    cannot_read = 3,
    cannot_write = 4,
    not_an_index = 5,
    other_version = 6,
    damaged_index = 7,
    not_sqlite = 8,
    damaged_database = 9,
    bad_schema = 10,
    bad_row = 11,

    pub fn of(err: anyerror) Status {
        return switch (err) {
            error.OutOfMemory => .out_of_memory,
            error.CannotRead => .cannot_read,
            error.CannotWrite => .cannot_write,
            error.NotAnIndex => .not_an_index,
            error.OtherVersion => .other_version,
            error.DamagedIndex => .damaged_index,
            error.NotSqlite => .not_sqlite,
            error.DamagedDatabase => .damaged_database,
            error.BadSchema => .bad_schema,
            error.BadRow, error.NoPackage, error.TooManyRows => .bad_row,
            else => .bad_argument,
        };
    }
};

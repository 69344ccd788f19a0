//! Reads the rows of a table from the bytes of an SQLite database file, in order of rowid.
//!
//! Ten million rows take seconds where the SQL interface and an interpreter take a minute. After
//! "Database File Format" of SQLite's documentation, sections 1.3 (header), 1.6 (b-tree pages) and
//! 2.1 (record format). Every length is checked: a damaged file is an error, never a fault.
const std = @import("std");
const testing = std.testing;

pub const Error = error{ NotSqlite, DamagedDatabase, OutOfMemory };

pub const Value = union(enum) {
    null,
    integer: i64,
    real: f64,
    text: []const u8,
    blob: []const u8,
};

pub const Row = struct {
    rowid: i64,
    /// Valid until the next row; a column that was added later may be missing.
    values: []const Value,
};

pub const Database = struct {
    bytes: []const u8,
    page_bytes: usize,
    usable_bytes: usize,
    /// Whether `bytes` are a mapped file's, which can be let go and come back when read again.
    mapped: bool = false,

    pub fn init(bytes: []const u8) Error!Database {
        if (bytes.len < 100 or !std.mem.startsWith(u8, bytes, "SQLite format 3\x00")) {
            return error.NotSqlite;
        }
        const stored = std.mem.readInt(u16, bytes[16..18], .big);
        const page_bytes: usize = if (stored == 1) 65536 else stored;
        if (page_bytes < 512 or !std.math.isPowerOfTwo(page_bytes)) return error.DamagedDatabase;
        const usable_bytes = page_bytes - bytes[20];
        const utf8 = 1;
        if (usable_bytes < 480 or std.mem.readInt(u32, bytes[56..60], .big) != utf8) {
            return error.DamagedDatabase;
        }
        return .{ .bytes = bytes, .page_bytes = page_bytes, .usable_bytes = usable_bytes };
    }

    /// Lets all pages go that the process holds: without it a large file would be all in memory.
    fn release(database: Database) void {
        if (!database.mapped) return;
        const start: [*]align(std.heap.page_size_min) u8 = @ptrCast(@alignCast(@constCast(database.bytes.ptr)));
        _ = std.c.madvise(start, database.bytes.len, std.c.MADV.DONTNEED);
    }

    fn page(database: Database, number: u32) Error![]const u8 {
        if (number == 0 or number > database.bytes.len / database.page_bytes) {
            return error.DamagedDatabase;
        }
        const start = (number - 1) * database.page_bytes;
        return database.bytes[start..][0..database.usable_bytes];
    }
};

const depth_max = 20;
/// Leaves that are read before what is held of a mapped file is let go; the kernel maps up to
/// 64 KiB around each touch.
const held_leaves_max = 1024;
const columns_max = 256;

/// Walks a table's b-tree from left to right.
pub const Table = struct {
    database: Database,
    gpa: std.mem.Allocator,
    stack: [depth_max]Place = undefined,
    depth: usize = 0,
    /// A tree visits a page once; more leaves than pages is a tree that bites its tail.
    leaves: usize = 0,
    held_leaves: usize = 0,
    leaf: Leaf = .{},
    root: u32,
    values: [columns_max]Value = undefined,
    overflow: std.ArrayList(u8) = .empty,

    const Place = struct { page: u32, cell: usize };
    const Leaf = struct { bytes: []const u8 = &.{}, header: usize = 0, cells: usize = 0, cell: usize = 0 };

    pub fn init(gpa: std.mem.Allocator, database: Database, root_page: u32) Error!Table {
        var table: Table = .{ .database = database, .gpa = gpa, .root = root_page };
        try table.descend(root_page);
        return table;
    }

    pub fn deinit(table: *Table) void {
        table.overflow.deinit(table.gpa);
    }

    /// The next row, or null after the last.
    pub fn next(table: *Table) Error!?Row {
        while (table.leaf.cell == table.leaf.cells) {
            if (!try table.advance()) return null;
        }
        const at = try cellOffset(table.leaf.bytes, table.leaf.header + 8, table.leaf.cell);
        table.leaf.cell += 1;
        return try table.row(table.leaf.bytes, at);
    }

    /// The row of this rowid, or null where there is none. Asked in rising order, most rows lie in
    /// the leaf of the one before.
    pub fn seek(table: *Table, rowid: i64) Error!?Row {
        if (try table.placeInLeaf(rowid)) |found| return table.rowAt(found, rowid);
        table.depth = 0;
        var number = table.root;
        for (0..depth_max) |_| {
            const bytes = try table.database.page(number);
            const header: usize = if (number == 1) 100 else 0;
            const cells = std.mem.readInt(u16, bytes[header + 3 ..][0..2], .big);
            if (bytes[header] == 0x0d) {
                table.hold();
                table.leaf = .{ .bytes = bytes, .header = header, .cells = cells };
                return table.rowAt(try table.placeInLeaf(rowid) orelse return null, rowid);
            }
            if (bytes[header] != 0x05) return error.DamagedDatabase;
            number = try table.child(number, try lowerBound(bytes, header + 12, cells, 4, rowid));
        }
        return error.DamagedDatabase;
    }

    fn hold(table: *Table) void {
        table.held_leaves += 1;
        if (table.held_leaves < held_leaves_max) return;
        table.held_leaves = 0;
        table.database.release();
    }

    /// Where a rowid stands or would stand in the current leaf; null where it lies elsewhere.
    fn placeInLeaf(table: *const Table, rowid: i64) Error!?usize {
        const leaf = table.leaf;
        if (leaf.cells == 0 or rowid < try leafRowid(leaf.bytes, leaf.header + 8, 0)) return null;
        if (rowid > try leafRowid(leaf.bytes, leaf.header + 8, leaf.cells - 1)) return null;
        return try lowerBound(leaf.bytes, leaf.header + 8, leaf.cells, 0, rowid);
    }

    fn rowAt(table: *Table, cell: usize, rowid: i64) Error!?Row {
        const at = try cellOffset(table.leaf.bytes, table.leaf.header + 8, cell);
        const found = try table.row(table.leaf.bytes, at);
        return if (found.rowid == rowid) found else null;
    }

    /// Goes down the left edge below `root`, to a leaf.
    fn descend(table: *Table, root: u32) Error!void {
        var number = root;
        while (true) {
            const bytes = try table.database.page(number);
            const header: usize = if (number == 1) 100 else 0;
            const cells = std.mem.readInt(u16, bytes[header + 3 ..][0..2], .big);
            switch (bytes[header]) {
                0x0d => {
                    table.hold();
                    table.leaves += 1;
                    const pages = table.database.bytes.len / table.database.page_bytes;
                    if (table.leaves > pages) return error.DamagedDatabase;
                    table.leaf = .{ .bytes = bytes, .header = header, .cells = cells };
                    return;
                },
                0x05 => {
                    if (table.depth == depth_max) return error.DamagedDatabase;
                    table.stack[table.depth] = .{ .page = number, .cell = 0 };
                    table.depth += 1;
                    number = try table.child(number, 0);
                },
                else => return error.DamagedDatabase,
            }
        }
    }

    /// Goes to the next leaf; false after the last.
    fn advance(table: *Table) Error!bool {
        while (table.depth > 0) {
            const place = &table.stack[table.depth - 1];
            place.cell += 1;
            const bytes = try table.database.page(place.page);
            const header: usize = if (place.page == 1) 100 else 0;
            const cells = std.mem.readInt(u16, bytes[header + 3 ..][0..2], .big);
            if (place.cell <= cells) {
                try table.descend(try table.child(place.page, place.cell));
                return true;
            }
            table.depth -= 1;
        }
        return false;
    }

    /// The page left of an interior cell, or right of the last.
    fn child(table: *Table, number: u32, cell: usize) Error!u32 {
        const bytes = try table.database.page(number);
        const header: usize = if (number == 1) 100 else 0;
        const cells = std.mem.readInt(u16, bytes[header + 3 ..][0..2], .big);
        if (cell == cells) return std.mem.readInt(u32, bytes[header + 8 ..][0..4], .big);
        const at = try cellOffset(bytes, header + 12, cell);
        if (at + 4 > bytes.len) return error.DamagedDatabase;
        return std.mem.readInt(u32, bytes[at..][0..4], .big);
    }

    fn row(table: *Table, bytes: []const u8, start: usize) Error!Row {
        var at = start;
        const payload_bytes = std.math.cast(usize, try varint(bytes, &at)) orelse
            return error.DamagedDatabase;
        const rowid: i64 = @bitCast(try varint(bytes, &at));
        const local = table.localBytes(payload_bytes);
        if (local > bytes.len - at) return error.DamagedDatabase;
        const payload = if (local == payload_bytes)
            bytes[at..][0..local]
        else
            try table.gather(bytes, at, local, payload_bytes);
        return .{ .rowid = rowid, .values = try table.record(payload) };
    }

    /// How much of a payload lies in the leaf itself (section 1.6, "cell payload overflow").
    fn localBytes(table: *const Table, payload_bytes: usize) usize {
        const usable = table.database.usable_bytes;
        const most = usable - 35;
        if (payload_bytes <= most) return payload_bytes;
        const least = (usable - 12) * 32 / 255 - 23;
        const local = least + (payload_bytes - least) % (usable - 4);
        return if (local <= most) local else least;
    }

    /// A payload that goes on in overflow pages, put together.
    fn gather(table: *Table, bytes: []const u8, at: usize, local: usize, total: usize) Error![]const u8 {
        if (total > table.database.bytes.len or at + local + 4 > bytes.len) return error.DamagedDatabase;
        table.overflow.clearRetainingCapacity();
        try table.overflow.ensureTotalCapacity(table.gpa, total);
        table.overflow.appendSliceAssumeCapacity(bytes[at..][0..local]);
        var number = std.mem.readInt(u32, bytes[at + local ..][0..4], .big);
        while (table.overflow.items.len < total) {
            const more = try table.database.page(number);
            const wanted = @min(more.len - 4, total - table.overflow.items.len);
            table.overflow.appendSliceAssumeCapacity(more[4..][0..wanted]);
            number = std.mem.readInt(u32, more[0..4], .big);
        }
        return table.overflow.items;
    }

    fn record(table: *Table, payload: []const u8) Error![]const Value {
        var at: usize = 0;
        const header_bytes = try varint(payload, &at);
        if (header_bytes < at or header_bytes > payload.len) return error.DamagedDatabase;
        const header = payload[0..@intCast(header_bytes)];
        var body = payload[header.len..];
        var count: usize = 0;
        while (at < header.len) : (count += 1) {
            if (count == columns_max) return error.DamagedDatabase;
            const serial = try varint(header, &at);
            const length = try serialBytes(serial);
            if (length > body.len) return error.DamagedDatabase;
            table.values[count] = decode(serial, body[0..length]);
            body = body[length..];
        }
        return table.values[0..count];
    }
};

/// The first cell whose rowid is not below `rowid`, or the number of cells. `skipped` bytes stand
/// before a cell's varints: the child page of an interior cell, whose only varint is the rowid.
fn lowerBound(bytes: []const u8, pointers: usize, cells: usize, skipped: usize, rowid: i64) Error!usize {
    var low: usize = 0;
    var high = cells;
    while (low < high) {
        const middle = low + (high - low) / 2;
        const found = if (skipped == 0)
            try leafRowid(bytes, pointers, middle)
        else
            try interiorRowid(bytes, pointers, middle, skipped);
        if (found < rowid) low = middle + 1 else high = middle;
    }
    return low;
}

fn leafRowid(bytes: []const u8, pointers: usize, cell: usize) Error!i64 {
    var at = try cellOffset(bytes, pointers, cell);
    _ = try varint(bytes, &at);
    return @bitCast(try varint(bytes, &at));
}

fn interiorRowid(bytes: []const u8, pointers: usize, cell: usize, skipped: usize) Error!i64 {
    var at = try cellOffset(bytes, pointers, cell) + skipped;
    return @bitCast(try varint(bytes, &at));
}

fn cellOffset(bytes: []const u8, pointers: usize, cell: usize) Error!usize {
    const at = pointers + 2 * cell;
    if (at + 2 > bytes.len) return error.DamagedDatabase;
    const offset = std.mem.readInt(u16, bytes[at..][0..2], .big);
    if (offset >= bytes.len) return error.DamagedDatabase;
    return offset;
}

/// A variable-length integer: up to nine bytes, seven bits each, the ninth whole.
fn varint(bytes: []const u8, at: *usize) Error!u64 {
    var value: u64 = 0;
    for (0..9) |index| {
        if (at.* >= bytes.len) return error.DamagedDatabase;
        const byte = bytes[at.*];
        at.* += 1;
        if (index == 8) return value << 8 | byte;
        value = value << 7 | (byte & 0x7f);
        if (byte < 0x80) return value;
    }
    unreachable;
}

fn serialBytes(serial: u64) Error!usize {
    return switch (serial) {
        0, 8, 9 => 0,
        1...4 => @intCast(serial),
        5 => 6,
        6, 7 => 8,
        10, 11 => error.DamagedDatabase,
        else => std.math.cast(usize, (serial - 12) / 2) orelse error.DamagedDatabase,
    };
}

fn decode(serial: u64, bytes: []const u8) Value {
    return switch (serial) {
        0 => .null,
        7 => .{ .real = @bitCast(std.mem.readInt(u64, bytes[0..8], .big)) },
        8 => .{ .integer = 0 },
        9 => .{ .integer = 1 },
        1...6 => .{ .integer = signed(bytes) },
        else => if (serial % 2 == 0) .{ .blob = bytes } else .{ .text = bytes },
    };
}

fn signed(bytes: []const u8) i64 {
    var value: i64 = @as(i8, @bitCast(bytes[0]));
    for (bytes[1..]) |byte| value = value << 8 | byte;
    return value;
}

test "a variable-length integer of each length" {
    var at: usize = 0;
    try testing.expectEqual(0x7f, try varint(&.{0x7f}, &at));
    at = 0;
    try testing.expectEqual(0x80, try varint(&.{ 0x81, 0x00 }, &at));
    at = 0;
    const ones: [9]u8 = @splat(0xff);
    try testing.expectEqual(std.math.maxInt(u64), try varint(&ones, &at));
    at = 0;
    try testing.expectError(error.DamagedDatabase, varint(&.{0x81}, &at));
}

test "integers keep their sign" {
    try testing.expectEqual(Value{ .integer = -1 }, decode(1, &.{0xff}));
    try testing.expectEqual(Value{ .integer = -256 }, decode(2, &.{ 0xff, 0x00 }));
    try testing.expectEqual(Value{ .integer = 0x7fffff }, decode(3, &.{ 0x7f, 0xff, 0xff }));
}

test "what is no database is refused" {
    try testing.expectError(error.NotSqlite, Database.init("not a database"));
    var bytes: [512]u8 = @splat(0);
    @memcpy(bytes[0..16], "SQLite format 3\x00");
    try testing.expectError(error.DamagedDatabase, Database.init(&bytes));
}

test "a table of one leaf, and every truncation of it" {
    var bytes: [512]u8 = @splat(0);
    @memcpy(bytes[0..16], "SQLite format 3\x00");
    std.mem.writeInt(u16, bytes[16..18], 512, .big);
    std.mem.writeInt(u32, bytes[56..60], 1, .big);
    bytes[100] = 0x0d;
    bytes[104] = 1; // one cell
    std.mem.writeInt(u16, bytes[108..110], 500, .big);
    // payload of 6 bytes, rowid 7; header of 3 bytes: an integer of one byte, a text of two.
    @memcpy(bytes[500..508], &[_]u8{ 6, 7, 3, 1, 17, 0xfe, 'h', 'i' });
    var table = try Table.init(testing.allocator, try Database.init(&bytes), 1);
    defer table.deinit();
    const row = (try table.next()).?;
    try testing.expectEqual(7, row.rowid);
    try testing.expectEqual(-2, row.values[0].integer);
    try testing.expectEqualStrings("hi", row.values[1].text);
    try testing.expectEqual(null, try table.next());
    try testing.expectError(error.DamagedDatabase, Table.init(testing.allocator, table.database, 2));
    for (100..512) |index| {
        var damaged = bytes;
        damaged[index] ^= 0xff;
        var walk = Table.init(testing.allocator, try Database.init(&damaged), 1) catch continue;
        defer walk.deinit();
        while (walk.next() catch null) |_| {}
    }
}

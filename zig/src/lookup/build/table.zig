//! One family's rows as they lie in `fast.sqlite`, taken into columns.
const std = @import("std");
const format = @import("../format.zig");
const sqlite = @import("sqlite.zig");
const Dictionary = @import("dictionary.zig").Dictionary;
const Tiers = @import("prices.zig").Tiers;
const null_id = @import("dictionary.zig").null_id;

/// Where a table lies in the database, and the position of each column in its records.
pub const Source = struct {
    root_page: u32,
    package: u32,
    stock: u32,
    is_basic: u32,
    is_preferred: u32,
    columns: []const u32,
};

pub const Error = error{
    BadRow,
    TooManyRows,
} || sqlite.Error;

/// Which row and which column stopped the build, and what is wrong there.
pub const Complaint = struct {
    lcsc_id: i64 = 0,
    position: u32 = 0,
    reason: []const u8 = "",
};

/// Stock fits the rank key together with the group; real stocks are far below.
const stock_max = (1 << 61) - 1;

pub const Table = struct {
    gpa: std.mem.Allocator,
    lcsc_ids: std.ArrayList(i64) = .empty,
    stock: std.ArrayList(i64) = .empty,
    /// 0: preferred and basic, 1: preferred, 2: basic, 3: neither.
    groups: std.ArrayList(u8) = .empty,
    /// The package first, then the family's columns.
    dictionaries: []Dictionary,
    ids: []std.ArrayList(u32),
    tiers: Tiers,
    complaint: Complaint = .{},

    pub fn init(gpa: std.mem.Allocator, kinds: []const format.Kind) !Table {
        const dictionaries = try gpa.alloc(Dictionary, kinds.len);
        errdefer gpa.free(dictionaries);
        const ids = try gpa.alloc(std.ArrayList(u32), kinds.len);
        for (dictionaries, ids, kinds) |*dictionary, *list, kind| {
            dictionary.* = .{ .gpa = gpa, .kind = kind };
            list.* = .empty;
        }
        return .{ .gpa = gpa, .dictionaries = dictionaries, .ids = ids, .tiers = .init(gpa) };
    }

    pub fn deinit(table: *Table) void {
        for (table.dictionaries, table.ids) |*dictionary, *ids| {
            dictionary.deinit();
            ids.deinit(table.gpa);
        }
        table.gpa.free(table.dictionaries);
        table.gpa.free(table.ids);
        table.lcsc_ids.deinit(table.gpa);
        table.stock.deinit(table.gpa);
        table.groups.deinit(table.gpa);
        table.tiers.deinit();
    }

    pub fn rows(table: *const Table) usize {
        return table.lcsc_ids.items.len;
    }

    /// Takes in all rows, in order of lcsc_id. After `BadRow`, `complaint` says which and why.
    pub fn read(table: *Table, database: sqlite.Database, source: Source) Error!void {
        var walk = try sqlite.Table.init(table.gpa, database, source.root_page);
        defer walk.deinit();
        while (try walk.next()) |row| {
            if (table.rows() == format.rows_max) return error.TooManyRows;
            table.complaint.lcsc_id = row.rowid;
            try table.lcsc_ids.append(table.gpa, row.rowid);
            const stock = try table.integer(row, source.stock, stock_max);
            try table.stock.append(table.gpa, stock);
            const preferred = try table.integer(row, source.is_preferred, 1);
            const basic = try table.integer(row, source.is_basic, 1);
            try table.groups.append(table.gpa, @intCast((1 - preferred) * 2 + (1 - basic)));
            try table.add(0, row, source.package);
            for (source.columns, 1..) |position, index| try table.add(index, row, position);
        }
    }

    fn integer(table: *Table, row: sqlite.Row, position: u32, maximum: i64) Error!i64 {
        const found = value(row, position);
        if (found != .integer) return table.refuse(position, "is not an integer");
        if (found.integer < 0 or found.integer > maximum) return table.refuse(position, "is out of range");
        return found.integer;
    }

    fn add(table: *Table, index: usize, row: sqlite.Row, position: u32) Error!void {
        const dictionary = &table.dictionaries[index];
        const id = switch (value(row, position)) {
            .null => null_id,
            .integer => |whole| if (dictionary.kind == .real)
                dictionary.addReal(@floatFromInt(whole))
            else
                return table.refuse(position, "is a number where a text belongs"),
            .real => |real| if (dictionary.kind == .real)
                dictionary.addReal(real)
            else
                return table.refuse(position, "is a number where a text belongs"),
            .text => |text| if (dictionary.kind == .text)
                dictionary.addText(text)
            else
                return table.refuse(position, "is a text where a number belongs"),
            .blob => return table.refuse(position, "is a blob"),
        } catch |err| return switch (err) {
            error.OutOfMemory => error.OutOfMemory,
            error.NotFinite => table.refuse(position, "is not finite"),
            error.TextTooLong => table.refuse(position, "is longer than 1,000 bytes"),
            error.NotUtf8 => table.refuse(position, "is not UTF-8"),
        };
        try table.ids[index].append(table.gpa, id);
    }

    fn refuse(table: *Table, position: u32, reason: []const u8) Error {
        table.complaint.position = position;
        table.complaint.reason = reason;
        return error.BadRow;
    }

    /// Row numbers from the best to the last: preferred, basic, stock downward, lcsc_id upward.
    pub fn ranked(table: *const Table, gpa: std.mem.Allocator) ![]u32 {
        const Key = struct {
            key: u64,
            row: u32,
            fn less(_: void, a: @This(), b: @This()) bool {
                return if (a.key == b.key) a.row < b.row else a.key < b.key;
            }
        };
        const keys = try gpa.alloc(Key, table.rows());
        defer gpa.free(keys);
        for (keys, table.groups.items, table.stock.items, 0..) |*key, group, stock, row| {
            const scarcity: u64 = @intCast(stock_max - stock);
            key.* = .{ .key = @as(u64, group) << 61 | scarcity, .row = @intCast(row) };
        }
        std.mem.sortUnstable(Key, keys, {}, Key.less);
        const order = try gpa.alloc(u32, keys.len);
        for (order, keys) |*row, key| row.* = key.row;
        return order;
    }
};

fn value(row: sqlite.Row, position: u32) sqlite.Value {
    return if (position < row.values.len) row.values[position] else .null;
}

test "rank: preferred before basic before stock before number" {
    const gpa = std.testing.allocator;
    var table = try Table.init(gpa, &.{.text});
    defer table.deinit();
    try table.groups.appendSlice(gpa, &.{ 3, 2, 1, 0, 3, 3 });
    try table.stock.appendSlice(gpa, &.{ 5, 1, 1, 1, 9, 5 });
    try table.lcsc_ids.appendSlice(gpa, &.{ 1, 2, 3, 4, 5, 6 });
    const order = try table.ranked(gpa);
    defer gpa.free(order);
    try std.testing.expectEqualSlices(u32, &.{ 3, 2, 1, 4, 0, 5 }, order);
}

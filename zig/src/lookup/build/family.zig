//! Lays out one family's rows in the index: codes, postings, candidates.
const std = @import("std");
const format = @import("../format.zig");
const schema = @import("../schema.zig");
const Table = @import("table.zig").Table;
const Writer = @import("writer.zig").Writer;
const candidate_end = @import("../reply.zig").candidate_end;
const price_sections = @import("prices.zig");
const Sorted = @import("dictionary.zig").Sorted;

const Allocator = std.mem.Allocator;

/// Writes the sections of `table` and returns the family's record; its columns' records are
/// appended to `records`. Temporary memory comes from `gpa`, small things from `arena`.
pub fn write(
    gpa: Allocator,
    arena: Allocator,
    writer: *Writer,
    family: schema.Family,
    table: *const Table,
    records: *std.ArrayList(format.ColumnRecord),
) !format.FamilyRecord {
    const order = try table.ranked(gpa);
    defer gpa.free(order);
    var record: format.FamilyRecord = .{
        .rows = order.len,
        .column_first = @intCast(records.items.len),
        .column_count = @intCast(table.dictionaries.len),
    };
    for (table.groups.items) |group| {
        for (record.group_ends[group..]) |*end| end.* += 1;
    }
    record.stock = try writeStock(gpa, writer, table, order);

    const by_package = try gpa.alloc(u32, order.len);
    defer gpa.free(by_package);
    const codes = try gpa.alloc(u32, order.len);
    defer gpa.free(codes);
    for (table.dictionaries, table.ids, 0..) |*dictionary, ids, index| {
        const sorted = try dictionary.sorted(arena);
        for (codes, order) |*code, row| code.* = sorted.codes[ids.items[row]];
        var column = try writeColumn(gpa, writer, dictionary.kind, sorted, codes, if (index == 0) by_package else null);
        if (index > 0) {
            column.codes_by_package = try writeCodes(gpa, writer, column.code_bytes, codes, by_package);
            try addBounds(&column, family, index - 1, table);
        }
        try records.append(arena, column);
    }
    const prices: price_sections.Laid = try .of(arena, &table.tiers, order);
    try prices.write(gpa, writer, &record);
    try writeCandidates(gpa, arena, writer, family, table, order, prices.texts_alone, &record);
    return record;
}

fn writeStock(gpa: Allocator, writer: *Writer, table: *const Table, order: []const u32) !format.Span {
    const stock = try gpa.alloc(i64, order.len);
    defer gpa.free(stock);
    for (stock, order) |*value, row| value.* = table.stock.items[row];
    return writer.section(stock);
}

fn writeColumn(
    gpa: Allocator,
    writer: *Writer,
    kind: format.Kind,
    sorted: Sorted,
    codes: []const u32,
    /// Set for the package, whose postings give the order of all columns' second copy.
    by_package: ?[]u32,
) !format.ColumnRecord {
    var column: format.ColumnRecord = .{
        .kind = kind,
        .code_bytes = format.codeBytes(sorted.distinct),
        .distinct = sorted.distinct,
    };
    if (kind == .real) {
        column.dictionary = try writer.section(sorted.reals);
    } else {
        const offsets = try gpa.alloc(u32, sorted.distinct + 1);
        defer gpa.free(offsets);
        const start = writer.position();
        var offset: u32 = 0;
        for (offsets[0..sorted.distinct], sorted.texts) |*slot, text| {
            slot.* = offset;
            offset += @intCast(text.len);
            try writer.write(text);
        }
        offsets[sorted.distinct] = offset;
        column.text = try writer.end(start);
        column.dictionary = try writer.section(offsets);
    }

    const starts = try gpa.alloc(u32, sorted.distinct + 1);
    defer gpa.free(starts);
    const postings = try postingsOf(gpa, codes, starts);
    defer gpa.free(postings);
    column.starts = try writer.section(starts);
    column.postings = try writer.section(postings);
    column.codes = try writeCodes(gpa, writer, column.code_bytes, codes, null);
    if (by_package) |rows| {
        // A package is never NULL, so that its postings name every row.
        if (postings.len != rows.len) return error.NoPackage;
        @memcpy(rows, postings);
    }
    return column;
}

/// Rows by code, then by rank; `starts[code - 1]` is where a code's rows begin. NULL is left out.
fn postingsOf(gpa: Allocator, codes: []const u32, starts: []u32) ![]u32 {
    @memset(starts, 0);
    var filled: usize = 0;
    for (codes) |code| if (code > 0) {
        starts[code - 1] += 1;
        filled += 1;
    };
    var total: u32 = 0;
    for (starts) |*start| {
        const count = start.*;
        start.* = total;
        total += count;
    }
    const next = try gpa.dupe(u32, starts);
    defer gpa.free(next);
    const postings = try gpa.alloc(u32, filled);
    for (codes, 0..) |code, row| if (code > 0) {
        postings[next[code - 1]] = @intCast(row);
        next[code - 1] += 1;
    };
    return postings;
}

fn writeCodes(gpa: Allocator, writer: *Writer, code_bytes: u32, codes: []const u32, order: ?[]const u32) !format.Span {
    return switch (code_bytes) {
        1 => writeCodesAs(u8, gpa, writer, codes, order),
        2 => writeCodesAs(u16, gpa, writer, codes, order),
        else => writeCodesAs(u32, gpa, writer, codes, order),
    };
}

fn writeCodesAs(comptime Code: type, gpa: Allocator, writer: *Writer, codes: []const u32, order: ?[]const u32) !format.Span {
    const narrow = try gpa.alloc(Code, codes.len);
    defer gpa.free(narrow);
    if (order) |rows| {
        for (narrow, rows) |*slot, row| slot.* = @intCast(codes[row]);
    } else {
        for (narrow, codes) |*slot, code| slot.* = @intCast(code);
    }
    return writer.section(narrow);
}

/// Says on which columns a range on this one matches.
fn addBounds(column: *format.ColumnRecord, family: schema.Family, index: usize, table: *const Table) !void {
    const given = family.columns[index];
    const low = if (given.minimum_column) |name| family.columnNamed(name).? + 1 else null;
    const high = if (given.maximum_column) |name| family.columnNamed(name).? + 1 else null;
    if (low) |place| column.minimum_column = @intCast(place);
    if (high) |place| column.maximum_column = @intCast(place);
    if (low == null or high == null) return;
    const lows = table.dictionaries[low.?].reals.items;
    const highs = table.dictionaries[high.?].reals.items;
    for (table.ids[low.?].items, table.ids[high.?].items) |a, b| {
        if (a != 0 and b != 0 and lows[a - 1] > highs[b - 1]) return;
    }
    column.bounds_ordered = 1;
}

fn writeCandidates(
    gpa: Allocator,
    arena: Allocator,
    writer: *Writer,
    family: schema.Family,
    table: *const Table,
    order: []const u32,
    /// Each rank's price of one piece bought alone, as JSON.
    prices: []const []const u8,
    record: *format.FamilyRecord,
) !void {
    const members = try arena.alloc([]const []const u8, table.dictionaries.len);
    for (members, table.dictionaries, 0..) |*pieces, *dictionary, index| {
        pieces.* = try dictionary.members(arena, if (index == 0) "package" else family.columns[index - 1].name);
    }
    const flags = [4][]const u8{
        ",\"is_basic\":true,\"is_preferred\":true,\"pick_parameters\":{",
        ",\"is_basic\":false,\"is_preferred\":true,\"pick_parameters\":{",
        ",\"is_basic\":true,\"is_preferred\":false,\"pick_parameters\":{",
        ",\"is_basic\":false,\"is_preferred\":false,\"pick_parameters\":{",
    };
    const starts = try gpa.alloc(u64, order.len + 1);
    defer gpa.free(starts);
    const section_start = writer.position();
    var buffer: [128]u8 = undefined;
    for (order, 0..) |row, rank| {
        starts[rank] = writer.position() - section_start;
        try writer.write(std.mem.print(&buffer, "{{\"lcsc_id\":{d},\"stock\":{d}", .{
            table.lcsc_ids.items[row], table.stock.items[row],
        }) catch unreachable);
        try writer.write(flags[table.groups.items[row]]);
        for (members, table.ids, 0..) |pieces, ids, index| {
            const piece = pieces[ids.items[row]];
            // The first member has no comma before it.
            try writer.write(if (index == 0) piece[1..] else piece);
        }
        try writer.write("},\"unit_price\":");
        try writer.write(prices[rank]);
        try writer.write(candidate_end);
    }
    starts[order.len] = writer.position() - section_start;
    record.candidates = try writer.end(section_start);
    record.candidate_starts = try writer.section(starts);
}

test "postings go by code, then by rank, without NULL" {
    const gpa = std.testing.allocator;
    var starts: [4]u32 = undefined;
    const postings = try postingsOf(gpa, &.{ 2, 0, 1, 2, 3, 1 }, &starts);
    defer gpa.free(postings);
    try std.testing.expectEqualSlices(u32, &.{ 2, 5, 0, 3, 4 }, postings);
    try std.testing.expectEqualSlices(u32, &.{ 0, 2, 4, 5 }, &starts);
}

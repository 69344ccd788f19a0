//! Price tiers: read from the parts' JSON, laid out by rank.
//!
//! What a price text means is said in `components/source/prices.py`, which reads it likewise.
const std = @import("std");
const format = @import("../format.zig");
const json = @import("../json.zig");
const number = @import("../number.zig");
const prices = @import("../prices.zig");
const sqlite = @import("sqlite.zig");
const Dictionary = @import("dictionary.zig").Dictionary;
const Writer = @import("writer.zig").Writer;

const Allocator = std.mem.Allocator;

/// Where the parts lie, and the position of their price text among the columns.
pub const Source = struct { root_page: u32, price: u32 };

/// The tiers of a family's rows, in the order in which the rows were read.
pub const Tiers = struct {
    gpa: Allocator,
    values: Dictionary,
    /// Where each row's tiers begin; the row after the last has none.
    starts: std.ArrayList(u32) = .empty,
    /// `code` is a number of `values` as yet.
    items: std.ArrayList(format.Tier) = .empty,

    pub fn init(gpa: Allocator) Tiers {
        return .{ .gpa = gpa, .values = .{ .gpa = gpa, .kind = .real } };
    }

    pub fn deinit(tiers: *Tiers) void {
        tiers.values.deinit();
        tiers.starts.deinit(tiers.gpa);
        tiers.items.deinit(tiers.gpa);
    }

    /// Looks up the parts of these numbers, which rise.
    pub fn read(tiers: *Tiers, database: sqlite.Database, source: Source, lcsc_ids: []const i64) !void {
        var walk = try sqlite.Table.init(tiers.gpa, database, source.root_page);
        defer walk.deinit();
        for (lcsc_ids) |lcsc_id| {
            try tiers.starts.append(tiers.gpa, @intCast(tiers.items.items.len));
            const row = try walk.seek(lcsc_id) orelse continue;
            if (source.price >= row.values.len) continue;
            switch (row.values[source.price]) {
                .text => |text| try tiers.add(text),
                else => {},
            }
        }
    }

    /// Adds the tiers of one price text to the last row.
    fn add(tiers: *Tiers, text: []const u8) !void {
        const first = tiers.items.items.len;
        var document: json.Document = undefined;
        defer document.deinit();
        var fault: json.Fault = .{};
        const whole = json.parse(text, &document, &fault) catch return;
        if (whole.kind != .array) return;
        var entries = whole.elements();
        while (entries.next()) |entry| {
            if (entry.kind != .object) continue;
            const found = tierOf(entry) orelse continue;
            try tiers.insert(first, found.quantity, found.price);
            if (tiers.items.items.len > std.math.maxInt(u32)) return error.TooManyRows;
        }
    }

    /// Keeps the row's tiers by quantity; of two that begin at the same, the dearer holds.
    fn insert(tiers: *Tiers, first: usize, quantity: u32, price: f64) !void {
        const id = try tiers.values.addReal(price);
        var place = tiers.items.items.len;
        while (place > first and tiers.items.items[place - 1].quantity > quantity) place -= 1;
        if (place > first and tiers.items.items[place - 1].quantity == quantity) {
            const before = &tiers.items.items[place - 1].code;
            if (price > tiers.values.reals.items[before.* - 1]) before.* = id;
            return;
        }
        try tiers.items.insert(tiers.gpa, place, .{ .quantity = quantity, .code = id });
    }

    fn of(tiers: *const Tiers, row: u32) []const format.Tier {
        if (row >= tiers.starts.items.len) return &.{};
        const begin = tiers.starts.items[row];
        const end = if (row + 1 < tiers.starts.items.len) tiers.starts.items[row + 1] else tiers.items.items.len;
        return tiers.items.items[begin..end];
    }
};

const Found = struct { quantity: u32, price: f64 };

fn tierOf(entry: json.Value) ?Found {
    var quantity: f64 = 0;
    var price: f64 = 0;
    var members = entry.members();
    while (members.next()) |member| {
        var buffer: [8]u8 = undefined;
        const name = member.name.string(&buffer) orelse continue;
        // A name that comes twice means its last value, as in Python.
        const value = if (member.value.kind == .number) member.value.number() else 0;
        if (std.mem.eql(u8, name, "qFrom")) quantity = value;
        if (std.mem.eql(u8, name, "price")) price = value;
    }
    if (!(quantity >= 1 and quantity <= std.math.maxInt(u32) and @trunc(quantity) == quantity)) return null;
    if (!(price > 0 and std.math.isFinite(price))) return null;
    return .{ .quantity = @intFromFloat(quantity), .price = price };
}

/// A family's tiers by rank, with codes for prices.
pub const Laid = struct {
    starts: []u32,
    tiers: []format.Tier,
    unknown: u32,
    /// Prices as JSON by code; the last is `null`.
    texts: [][]const u8,
    /// Each rank's price of one piece bought alone.
    texts_alone: [][]const u8,

    pub fn of(arena: Allocator, tiers: *const Tiers, order: []const u32) !Laid {
        const sorted = try tiers.values.sorted(arena);
        const laid: Laid = .{
            .starts = try arena.alloc(u32, order.len + 1),
            .tiers = try arena.alloc(format.Tier, tiers.items.items.len),
            .unknown = sorted.distinct,
            .texts = try arena.alloc([]const u8, sorted.distinct + 1),
            .texts_alone = try arena.alloc([]const u8, order.len),
        };
        for (laid.texts[0..sorted.distinct], sorted.reals) |*text, price| {
            var buffer: [number.length_max]u8 = undefined;
            text.* = try arena.dupe(u8, number.write(&buffer, price));
        }
        laid.texts[sorted.distinct] = "null";
        var filled: u32 = 0;
        for (order, laid.starts[0..order.len], laid.texts_alone) |row, *start, *text| {
            start.* = filled;
            for (tiers.of(row)) |tier| {
                // The dictionary's codes count from 1, for they have NULL.
                laid.tiers[filled] = .{ .quantity = tier.quantity, .code = sorted.codes[tier.code] - 1 };
                filled += 1;
            }
            text.* = laid.texts[prices.priceAt(laid.tiers[start.*..filled], 1, laid.unknown)];
        }
        laid.starts[order.len] = filled;
        return laid;
    }

    pub fn write(laid: *const Laid, gpa: Allocator, writer: *Writer, record: *format.FamilyRecord) !void {
        record.price_count = laid.unknown;
        const offsets = try gpa.alloc(u32, laid.texts.len + 1);
        defer gpa.free(offsets);
        const start = writer.position();
        var offset: u32 = 0;
        for (offsets[0..laid.texts.len], laid.texts) |*slot, text| {
            slot.* = offset;
            offset += @intCast(text.len);
            try writer.write(text);
        }
        offsets[laid.texts.len] = offset;
        record.price_text = try writer.end(start);
        record.price_offsets = try writer.section(offsets);
        record.tier_starts = try writer.section(laid.starts);
        record.tiers = try writer.section(laid.tiers);
        record.price_orders = try laid.writeOrders(gpa, writer);
    }

    fn writeOrders(laid: *const Laid, gpa: Allocator, writer: *Writer) !format.Span {
        const rows = laid.texts_alone.len;
        const keys = try gpa.alloc(u64, rows);
        defer gpa.free(keys);
        const order = try gpa.alloc(u32, rows);
        defer gpa.free(order);
        const start = writer.position();
        for (0..format.price_band_count) |band| {
            for (keys, 0..) |*key, row| {
                const tiers = laid.tiers[laid.starts[row]..laid.starts[row + 1]];
                key.* = @as(u64, prices.lowestIn(tiers, band, laid.unknown)) << 32 | row;
            }
            std.mem.sortUnstable(u64, keys, {}, std.sort.asc(u64));
            for (order, keys) |*row, key| row.* = @truncate(key);
            try writer.write(std.mem.sliceAsBytes(order));
        }
        return writer.end(start);
    }
};

const testing = std.testing;

test "tiers are sorted, and what is no tier is left out" {
    var tiers: Tiers = .init(testing.allocator);
    defer tiers.deinit();
    try tiers.starts.append(testing.allocator, 0);
    try tiers.add(
        \\[{"qFrom":10,"price":2},{"qFrom":1,"price":3.5,"qTo":9},{"qFrom":10,"price":2.5},7,
        \\ {"qFrom":0,"price":1},{"qFrom":1.5,"price":1},{"qFrom":5,"price":0},{"qFrom":5},
        \\ {"qFrom":6,"price":1e999},{"qFrom":"7","price":1},{"qFrom":4294967296,"price":1}]
    );
    for ([_][]const u8{ "", "{", "{}", "[1", "null" }) |text| try tiers.add(text);
    const found = tiers.of(0);
    try testing.expectEqual(2, found.len);
    for (found, [_]u32{ 1, 10 }, [_]f64{ 3.5, 2.5 }) |tier, quantity, price| {
        try testing.expectEqual(quantity, tier.quantity);
        try testing.expectEqual(price, tiers.values.reals.items[tier.code - 1]);
    }
    try testing.expectEqual(0, tiers.of(1).len);
}

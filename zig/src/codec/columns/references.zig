//! One column of references or integers, written in the way that takes least.
const std = @import("std");
const bytes = @import("bytes.zig");
const Entities = @import("entities.zig").Entities;
const Place = @import("entities.zig").Place;
const Error = bytes.Error;

const groups_max = 255;

pub const Mode = enum(u8) {
    /// Less the number that the record defines.
    own = 0,
    /// Less the value before it in its column.
    column = 1,
    /// The entity's place within its group.
    rank = 2,
    /// The same, less the place before it in the column and group.
    rank_delta = 3,
    /// Less the value before it in the record.
    neighbour = 4,
};

/// A value to be written, with what a reader knows when it comes to it.
pub const Value = struct { value: u32, own: u32, neighbour: u32 };

/// A column as read: values that still lack what only its record tells, by `mode`.
pub const Column = struct {
    mode: enum { absolute, own, neighbour },
    values: []u32,
    next: usize = 0,

    /// The next value, in a record that defines `own`, after `neighbour`.
    pub fn take(self: *Column, own: u32, neighbour: u32) Error!u32 {
        if (self.next == self.values.len) return error.Damaged;
        const value = self.values[self.next];
        self.next += 1;
        return switch (self.mode) {
            .absolute => value,
            .own => own +% bytes.unzigzag(value),
            .neighbour => neighbour +% bytes.unzigzag(value),
        };
    }
};

const Places = std.AutoHashMapUnmanaged(u32, Place);

pub fn write(writer: *bytes.Writer, arena: std.mem.Allocator, column: []const Value, places: *const Places) Error!void {
    const ranked = try Ranked.of(arena, column, places);
    var best: Mode = .own;
    var best_cost = std.math.inf(f64);
    const scratch = try arena.alloc(u32, column.len);
    for (std.enums.values(Mode)) |mode| {
        if (!differences(mode, column, ranked, scratch)) continue;
        var cost = bytes.planeCost(scratch);
        if (mode == .rank or mode == .rank_delta) cost += ranked.?.selectorCost();
        if (cost < best_cost) {
            best_cost = cost;
            best = mode;
        }
    }
    _ = differences(best, column, ranked, scratch);
    try writer.byte(@backingInt(best));
    if (best == .rank or best == .rank_delta) try ranked.?.write(writer);
    try writer.planes(u32, scratch);
}

pub fn read(reader: *bytes.Reader, arena: std.mem.Allocator, count: usize, entities: Entities) Error!Column {
    const mode_byte = try reader.byte();
    const mode = std.enums.fromInt(Mode, mode_byte) orelse return error.Damaged;
    const values = try arena.alloc(u32, count);
    if (mode == .rank or mode == .rank_delta) {
        try readRanks(reader, arena, mode, values, entities);
        return .{ .mode = .absolute, .values = values };
    }
    try reader.planes(u32, values);
    if (mode == .column) {
        var previous: u32 = 0;
        for (values) |*value| {
            previous +%= bytes.unzigzag(value.*);
            value.* = previous;
        }
        return .{ .mode = .absolute, .values = values };
    }
    return .{ .mode = if (mode == .own) .own else .neighbour, .values = values };
}

/// The numbers that `mode` writes for `column`; false where it cannot.
fn differences(mode: Mode, column: []const Value, ranked: ?Ranked, result: []u32) bool {
    switch (mode) {
        .own => for (column, result) |item, *out| {
            out.* = bytes.zigzag(item.value -% item.own);
        },
        .neighbour => for (column, result) |item, *out| {
            out.* = bytes.zigzag(item.value -% item.neighbour);
        },
        .column => {
            var previous: u32 = 0;
            for (column, result) |item, *out| {
                out.* = bytes.zigzag(item.value -% previous);
                previous = item.value;
            }
        },
        .rank => @memcpy(result, (ranked orelse return false).ranks),
        .rank_delta => {
            const table = ranked orelse return false;
            var last: [groups_max]u32 = @splat(0);
            for (table.ranks, table.selectors, result) |rank, selector, *out| {
                out.* = bytes.zigzag(rank -% last[selector]);
                last[selector] = rank;
            }
        },
    }
    return true;
}

/// A column's values as places within groups, where every one of them is defined in the file.
const Ranked = struct {
    groups: []const u32,
    selectors: []const u8,
    ranks: []const u32,

    fn of(arena: std.mem.Allocator, column: []const Value, places: *const Places) Error!?Ranked {
        var groups: std.ArrayList(u32) = .empty;
        const selectors = try arena.alloc(u8, column.len);
        const ranks = try arena.alloc(u32, column.len);
        for (column, selectors, ranks) |item, *selector, *rank| {
            const place = places.get(item.value) orelse return null;
            const known = std.mem.findScalar(u32, groups.items, place.group);
            const index = known orelse groups.items.len;
            if (index == groups_max) return null;
            if (known == null) try groups.append(arena, place.group);
            selector.* = @intCast(index);
            rank.* = place.rank;
        }
        return .{ .groups = groups.items, .selectors = selectors, .ranks = ranks };
    }

    fn selectorCost(self: Ranked) f64 {
        var counts: [256]u32 = @splat(0);
        for (self.selectors) |selector| counts[selector] += 1;
        const total: f64 = @floatFromInt(self.selectors.len);
        var bits: f64 = 0;
        for (counts) |count| {
            if (count == 0) continue;
            const share: f64 = @floatFromInt(count);
            bits += share * std.math.log2(total / share) + 8;
        }
        return bits;
    }

    fn write(self: Ranked, writer: *bytes.Writer) Error!void {
        try writer.varint(self.groups.len);
        for (self.groups) |group| try writer.varint(group);
        if (self.groups.len > 1) try writer.bytes(self.selectors);
    }
};

fn readRanks(reader: *bytes.Reader, arena: std.mem.Allocator, mode: Mode, values: []u32, entities: Entities) Error!void {
    const group_count = try reader.varint(groups_max);
    var lists: [groups_max][]const u32 = undefined;
    for (lists[0..group_count]) |*list| {
        list.* = entities.ofGroup(try reader.varint(@intCast(entities.starts.len - 2)));
    }
    const selectors = if (group_count > 1) try reader.take(values.len) else blk: {
        if (group_count == 0 and values.len > 0) return error.Damaged;
        const zeros = try arena.alloc(u8, values.len);
        @memset(zeros, 0);
        break :blk zeros;
    };
    try reader.planes(u32, values);
    var last: [groups_max]u32 = @splat(0);
    for (values, selectors) |*value, selector| {
        if (selector >= group_count) return error.Damaged;
        const rank = if (mode == .rank) value.* else last[selector] +% bytes.unzigzag(value.*);
        last[selector] = rank;
        if (rank >= lists[selector].len) return error.Damaged;
        value.* = lists[selector][rank];
    }
}

test "a column comes back in every mode" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const gpa = arena.allocator();
    const entities = try Entities.build(gpa, &.{ 7, 9000, 12, 800 }, &.{ 0, 1, 0, 1 }, 2);
    const places = try entities.places(gpa);
    var values: [4]Value = undefined;
    for ([_]u32{ 12, 800, 7, 9000 }, &values, 0..) |value, *item, at| {
        item.* = .{ .value = value, .own = @intCast(at * 3), .neighbour = @intCast(at * 5 + 1) };
    }
    for (std.enums.values(Mode)) |mode| {
        var writer: bytes.Writer = .{ .gpa = gpa };
        try writer.byte(@backingInt(mode));
        const ranked = (try Ranked.of(gpa, &values, &places)).?;
        var numbers: [4]u32 = undefined;
        try std.testing.expect(differences(mode, &values, ranked, &numbers));
        if (mode == .rank or mode == .rank_delta) try ranked.write(&writer);
        try writer.planes(u32, &numbers);
        var reader: bytes.Reader = .{ .data = writer.list.items };
        var column = try read(&reader, gpa, 4, entities);
        for (values) |item| {
            try std.testing.expectEqual(item.value, try column.take(item.own, item.neighbour));
        }
        try std.testing.expectError(error.Damaged, column.take(0, 0));
    }
}

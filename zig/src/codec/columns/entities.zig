//! Which entity a number stands for: those of one group in the order of the file. A reference to
//! the seventh edge is a smaller number than a reference to `#13430`.
const std = @import("std");
const Error = @import("bytes.zig").Error;

pub const Place = struct { group: u32, rank: u32 };

pub const Entities = struct {
    /// The entities of group g are ids[starts[g]..starts[g + 1]].
    starts: []u32,
    ids: []u32,

    /// `ids[n]` is the number that the n-th entity of the file defines, in `groups[n]`.
    pub fn build(arena: std.mem.Allocator, ids: []const u32, groups: []const u32, group_count: usize) Error!Entities {
        const starts = try arena.alloc(u32, group_count + 2);
        @memset(starts, 0);
        for (groups) |group| starts[group + 2] += 1;
        for (1..starts.len) |at| starts[at] += starts[at - 1];
        const sorted = try arena.alloc(u32, ids.len);
        for (ids, groups) |id, group| {
            sorted[starts[group + 1]] = id;
            starts[group + 1] += 1;
        }
        return .{ .starts = starts[0 .. group_count + 1], .ids = sorted };
    }

    pub fn ofGroup(self: Entities, group: u32) []const u32 {
        return self.ids[self.starts[group]..self.starts[group + 1]];
    }

    /// From an entity's number to its place. A number that is defined twice has its last place.
    pub fn places(self: Entities, arena: std.mem.Allocator) Error!std.AutoHashMapUnmanaged(u32, Place) {
        var map: std.AutoHashMapUnmanaged(u32, Place) = .empty;
        try map.ensureTotalCapacity(arena, @intCast(self.ids.len));
        for (0..self.starts.len - 1) |group| {
            for (self.ofGroup(@intCast(group)), 0..) |id, rank| {
                map.putAssumeCapacity(id, .{ .group = @intCast(group), .rank = @intCast(rank) });
            }
        }
        return map;
    }
};

test "entities are counted within their group" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const entities = try Entities.build(arena.allocator(), &.{ 5, 3, 9, 4 }, &.{ 2, 0, 2, 0 }, 4);
    try std.testing.expectEqualSlices(u32, &.{ 3, 4 }, entities.ofGroup(0));
    try std.testing.expectEqualSlices(u32, &.{}, entities.ofGroup(1));
    try std.testing.expectEqualSlices(u32, &.{ 5, 9 }, entities.ofGroup(2));
    try std.testing.expectEqualSlices(u32, &.{}, entities.ofGroup(3));
    const places = try entities.places(arena.allocator());
    try std.testing.expectEqual(Place{ .group = 2, .rank = 1 }, places.get(9).?);
}

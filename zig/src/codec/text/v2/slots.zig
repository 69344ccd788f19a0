//! What each context remembers of the bits that followed it, in a hashed table of bounded size.
const std = @import("std");
const states = @import("../states.zig");

const ways = 4;

/// What is known of one node of a tree of four bits is its bits' history and the chance that they
/// gave. A slot has 15 nodes; node 0 is what the slot is known by.
pub const Slots = struct {
    lines: []Line,

    pub const Line = extern struct {
        states: [ways][16]u8 align(64),
        chances: [ways][16]u16,
    };

    pub const Slot = struct {
        states: *[16]u8,
        chances: *[16]u16,
    };

    /// `count` is how many lines of four slots there are, a power of two.
    pub fn create(gpa: std.mem.Allocator, count: usize) error{OutOfMemory}!Slots {
        const lines = try gpa.alloc(Line, count);
        for (lines) |*line| line.* = .{ .states = @splat(@splat(0)), .chances = @splat(@splat(32768)) };
        return .{ .lines = lines };
    }

    pub fn destroy(self: Slots, gpa: std.mem.Allocator) void {
        gpa.free(self.lines);
    }

    /// Copies `other`, which is of the same size.
    pub fn copy(self: Slots, other: Slots) void {
        @memcpy(self.lines, other.lines);
    }

    fn lineOf(self: Slots, hash: u32) *Line {
        return &self.lines[hash & (self.lines.len - 1)];
    }

    /// Memory that `find` will look at.
    pub fn prefetch(self: Slots, hash: u32) void {
        @prefetch(self.lineOf(hash), .{});
    }

    /// The slot of a context. A new one takes the place of the least used.
    pub fn find(self: Slots, hash: u32) Slot {
        const check: u8 = @truncate(hash >> 24 | 1);
        const second: u16 = @truncate(hash >> 9);
        const line = self.lineOf(hash);
        var least_way: usize = 0;
        var least: u32 = std.math.maxInt(u32);
        for (&line.states, &line.chances, 0..) |*known, *given, way| {
            if (known[0] == check and given[0] == second) return .{ .states = known, .chances = given };
            const worth: u32 = if (known[0] == 0) 0 else 1 + @as(u32, states.seen[known[1]]);
            if (worth < least) {
                least = worth;
                least_way = way;
            }
        }
        const slot: Slot = .{ .states = &line.states[least_way], .chances = &line.chances[least_way] };
        slot.states.* = @splat(0);
        slot.chances.* = @splat(32768);
        slot.states[0] = check;
        slot.chances[0] = second;
        return slot;
    }
};

test "a context finds its slot again until others need it" {
    const gpa = std.testing.allocator;
    const slots = try Slots.create(gpa, 2);
    defer slots.destroy(gpa);
    const first = slots.find(0x12345678);
    first.states[1] = states.next[0][1];
    try std.testing.expectEqual(first, slots.find(0x12345678));
    try std.testing.expect(first.states != slots.find(0x12345678 + (1 << 20)).states);
    for (0..100) |number| _ = slots.find(@intCast(number << 20));
    try std.testing.expectEqual(first, slots.find(0x12345678));
}

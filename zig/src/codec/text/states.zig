//! What a context remembers of the bits that followed it, in one byte: how many zeros and ones, and
//! which came last. Counts of the other bit fade when a bit comes, so that recent bits weigh more.
//!
//! The idea is that of bit histories in context-mixing compressors (Mahoney, "Adaptive Weighing of
//! Context Models for Lossless Data Compression", 2005); the states themselves are our own.
const std = @import("std");

/// The larger count that is kept beside each smaller one.
const larger_max = [_]u8{ 31, 20, 10, 7, 6, 5 };

const State = struct { zeros: u8 = 0, ones: u8 = 0, last: u1 = 0 };

fn faded(count: u8) u8 {
    return switch (count) {
        0...2 => count,
        3 => 2,
        4...7 => 3,
        8...15 => 4,
        else => 5,
    };
}

fn after(state: State, bit: u1) State {
    var same = if (bit == 0) state.zeros else state.ones;
    const other = faded(if (bit == 0) state.ones else state.zeros);
    same += 1;
    while (same > larger_max[@min(same, other, larger_max.len - 1)]) same -= 1;
    // The last bit tells something only where both have been seen.
    const last: u1 = if (other == 0) 0 else bit;
    if (bit == 0) return .{ .zeros = same, .ones = other, .last = last };
    return .{ .zeros = other, .ones = same, .last = last };
}

const list: struct { states: [256]State, count: usize } = find: {
    @setEvalBranchQuota(1_000_000);
    var states: [256]State = @splat(.{});
    var count: usize = 1;
    var at: usize = 0;
    while (at < count) : (at += 1) {
        for ([_]u1{ 0, 1 }) |bit| {
            const following = after(states[at], bit);
            for (states[0..count]) |known| {
                if (std.meta.eql(known, following)) break;
            } else {
                states[count] = following;
                count += 1;
            }
        }
    }
    break :find .{ .states = states, .count = count };
};

/// The state after each bit. State 0 has seen nothing.
pub const next: [256][2]u8 = table: {
    @setEvalBranchQuota(1_000_000);
    var result: [256][2]u8 = @splat(.{ 0, 0 });
    for (0..list.count) |at| {
        for ([_]u1{ 0, 1 }) |bit| {
            const wanted = after(list.states[at], bit);
            for (list.states[0..list.count], 0..) |known, index| {
                if (std.meta.eql(known, wanted)) result[at][bit] = index;
            }
        }
    }
    break :table result;
};

/// How many bits a state has seen, as far as it knows.
pub const seen: [256]u8 = table: {
    var result: [256]u8 = @splat(0);
    for (list.states, &result) |state, *count| count.* = state.zeros + state.ones;
    break :table result;
};

/// The chance of a one after a state, in 1/65536, before anything is learned.
pub const chance: [256]u16 = table: {
    var result: [256]u16 = @splat(0);
    for (list.states, &result) |state, *share| {
        const ones = @as(u32, state.ones) * 2 + 1;
        const all = (@as(u32, state.zeros) + state.ones) * 2 + 2;
        share.* = ones * 65535 / all;
    }
    break :table result;
};

test "states count, fade and stay within a byte" {
    try std.testing.expect(list.count > 100 and list.count <= 255);
    var state: u8 = 0;
    for (0..100) |_| state = next[state][1];
    try std.testing.expectEqual(31, seen[state]);
    try std.testing.expect(chance[state] > 64000);
    state = next[state][0];
    try std.testing.expectEqual(6, seen[state]);
    for (0..100) |_| state = next[state][0];
    try std.testing.expect(chance[state] < 13000);
}

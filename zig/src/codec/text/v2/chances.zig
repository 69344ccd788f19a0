//! Chances and their logits, in integers, so that every machine predicts the same.
const std = @import("std");

/// Logits go from -limit to limit, in 1/256.
pub const limit = 3071;

/// 65536 / (1 + e^-x) for x from -12 to 12 in steps of a quarter; as integers, so that what one
/// compiler wrote another reads.
const logistic = [97]u32{
    1,     1,     1,     1,     1,     1,     2,     2,     3,     4,     5,     6,     8,     10,
    13,    17,    22,    28,    36,    47,    60,    77,    98,    126,   162,   208,   267,   342,
    439,   562,   720,   922,   1179,  1506,  1921,  2446,  3108,  3938,  4971,  6249,  7812,  9702,
    11955, 14595, 17625, 21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834,
    57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974, 65097, 65194,
    65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514, 65519, 65523, 65526,
    65528, 65530, 65531, 65532, 65533, 65534, 65534, 65535, 65535, 65535, 65535, 65535, 65535,
};

/// The chance of each logit from -3071 to 3071, between the points of `logistic`.
const squashes: [2 * limit + 1]u16 = table: {
    @setEvalBranchQuota(1_000_000);
    var result: [2 * limit + 1]u16 = undefined;
    for (&result, 1..) |*entry, place| {
        const low = place / 64;
        const rest = place % 64;
        entry.* = (logistic[low] * (64 - rest) + logistic[low + 1] * rest + 32) / 64;
    }
    break :table result;
};

/// The largest logits whose chances are at most those in the middle of each four.
const stretches: [16384]i16 = table: {
    @setEvalBranchQuota(1_000_000);
    var result: [16384]i16 = undefined;
    var at: usize = 0;
    for (&result, 0..) |*entry, number| {
        while (at + 1 < squashes.len and squashes[at + 1] <= number * 4 + 2) at += 1;
        entry.* = @as(i16, @intCast(at)) - limit;
    }
    break :table result;
};

/// ln(p / (1 - p)) of a chance in 1/65536, times 256.
pub fn stretch(chance: u16) i32 {
    return stretches[chance >> 2];
}

/// The chance in 1/65536 of a logit.
pub fn squash(x: i32) u16 {
    return squashes[@intCast(std.math.clamp(x, -limit, limit) + limit)];
}

/// 65536 / (n + 1.5): how far the n-th bit moves a chance.
const shares: [1024]u32 = table: {
    @setEvalBranchQuota(10_000);
    var result: [1024]u32 = undefined;
    for (&result, 0..) |*share, times| share.* = 2 * 65536 / (2 * times + 3);
    break :table result;
};

/// Moves a chance (its upper 22 bits; the lower 10 count) towards a bit, by less each time.
pub fn learn(entry: *u32, bit: u1, times_max: u32) void {
    const times = entry.* & 1023;
    const chance: i64 = entry.* >> 10;
    const target: i64 = if (bit == 1) (1 << 22) - 1 else 0;
    const moved: u32 = @intCast(chance + (((target - chance) * shares[times]) >> 16));
    entry.* = moved << 10 | @min(times + 1, times_max);
}

/// Moves a chance in 1/65536 towards a bit, the `times`-th that it sees.
pub fn approach(chance: *u16, bit: u1, times: u32) void {
    const target: i32 = if (bit == 1) 65535 else 0;
    const old: i32 = chance.*;
    chance.* = @intCast(old + (((target - old) * @as(i32, @intCast(shares[times] >> 2))) >> 14));
}

test "stretch undoes squash" {
    for ([_]i32{ -2200, -1500, -300, 0, 1, 300, 1500, 2200 }) |x| {
        const back = stretch(squash(x));
        try std.testing.expect(@abs(back - x) <= 1 + @abs(x) / 8);
    }
    try std.testing.expect(squash(limit) > 65530 and squash(-limit) < 3);
}

test "a chance follows its bits" {
    var entry: u32 = 1 << 31;
    var short: u16 = 32768;
    for (0..200) |times| {
        learn(&entry, 1, 255);
        approach(&short, 0, @min(times, 30));
    }
    try std.testing.expect(entry >> 16 > 65000 and short < 200);
}

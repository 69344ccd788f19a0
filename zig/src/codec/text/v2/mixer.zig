//! Weighs logits by how well each has served: gated linear mixing (Mahoney 2005).
const std = @import("std");
const chances = @import("chances.zig");

/// The weight of one, in a mixer's units.
pub const one = 1 << 16;
const weight_max = 1 << 18;

/// A mixer of `inputs` logits, with `sets` sets of weights, one of which is chosen for each bit.
pub fn Mixer(comptime inputs: usize, comptime sets: usize) type {
    return struct {
        const Self = @This();
        pub const Lanes = @Vector(inputs, i32);

        weights: [sets]Lanes,
        set: usize = 0,
        chance: u16 = 32768,

        pub fn init(weight: i32) Self {
            return .{ .weights = @splat(@splat(weight)) };
        }

        /// The logit that the weights of `set` make of `logits`.
        pub fn mix(self: *Self, logits: Lanes, set: usize) i32 {
            self.set = set;
            const sum = @reduce(.Add, (logits * self.weights[set]) >> @splat(8)) >> 8;
            const logit = std.math.clamp(sum, -chances.limit, chances.limit);
            self.chance = chances.squash(logit);
            return logit;
        }

        /// Corrects the weights last used; `rate` is in 1/16 of what a logit of one and an error of
        /// one move a weight.
        pub fn learn(self: *Self, logits: Lanes, bit: u1, rate: i32) void {
            const target: i32 = if (bit == 1) 65535 else 0;
            const err: Lanes = @splat(target - self.chance);
            const step = (((logits * err) >> @splat(8)) * @as(Lanes, @splat(rate)) + @as(Lanes, @splat(1 << 11))) >> @splat(12);
            const moved = self.weights[self.set] + step;
            const most: Lanes = @splat(weight_max);
            self.weights[self.set] = @max(@min(moved, most), -most);
        }
    };
}

test "the input that is right gets the weight" {
    var mixer: Mixer(4, 2) = .init(one / 4);
    const logits: Mixer(4, 2).Lanes = .{ 500, -500, 0, 0 };
    for (0..1000) |_| {
        _ = mixer.mix(logits, 1);
        mixer.learn(logits, 1, 8);
    }
    try std.testing.expect(mixer.weights[1][0] > one / 2 and mixer.weights[1][1] < one / 8);
    try std.testing.expectEqual(one / 4, mixer.weights[0][0]);
    try std.testing.expect(mixer.chance > 60000);
    for (0..100_000) |_| {
        _ = mixer.mix(@splat(chances.limit), 0);
        mixer.chance = 0;
        mixer.learn(@splat(chances.limit), 1, 64);
    }
    try std.testing.expect(mixer.mix(@splat(chances.limit), 0) == chances.limit);
}

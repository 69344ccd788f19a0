//! Predicts the next bit of a text from several contexts at once, and learns from each bit.
//!
//! Context mixing (Mahoney 2005): each context's bit history gives a chance, a gated linear mixer
//! weighs them by how well each has served, a last table corrects the result; all in integers.
const std = @import("std");
const contexts = @import("contexts.zig");
const states = @import("../states.zig");

const inputs = contexts.count + 2;
const lanes = 16;
const Lanes = @Vector(lanes, i32);
const slot_size = 16;
const flag_contexts = 4096;
const place_sets = 256;
const match_sets = 8 * 9 * 2;

/// A prediction that the text goes on as it did where the same bytes last stood.
const match_min = 5;
/// From this length on, one bit says whether the whole next byte is as predicted.
const run_min = 32;
const match_slots = 1 << 16;

comptime {
    std.debug.assert(inputs <= lanes);
}

/// How many slots a model has for small texts and for large ones, those beyond `small_max`.
pub const small_slots = 1 << 17;
pub const large_slots = 1 << 20;
pub const small_max = 24 << 10;

pub const Model = struct {
    /// Bit histories: lines of four slots; a slot has a check byte and 15 nodes, for four bits.
    slots: []align(64) u8,
    tracker: contexts.Tracker = .{},
    maps: [contexts.count][256]u32,
    /// Three sets of weights, whose results are averaged: by the byte so far, place, expectation.
    byte_weights: [256]Lanes,
    place_weights: [place_sets]Lanes,
    match_weights: [match_sets]Lanes,
    match_map: [64]u32,
    corrections: [1024][33]u16,
    flags: [flag_contexts]u16,
    matches: [match_slots]u32,

    hashes: [contexts.count]u32 = @splat(0),
    nodes: [contexts.count]usize = @splat(0),
    stretched: Lanes = @splat(0),
    /// The bits of this byte so far, after a leading one.
    partial: u32 = 1,
    correction: *u16 = undefined,
    match_at: usize = 0,
    match_length: usize = 0,
    match_index: usize = 0,
    expected_bit: ?u1 = null,
    byte_chance: u16 = 32768,
    place_chance: u16 = 32768,
    match_chance: u16 = 32768,
    place_set: u32 = 0,
    match_set: u32 = 0,

    /// `size` is a power of two of slots, at least 256.
    pub fn create(gpa: std.mem.Allocator, size: usize) error{OutOfMemory}!*Model {
        const self = try gpa.create(Model);
        errdefer gpa.destroy(self);
        self.init(try gpa.alignedAlloc(u8, .@"64", size * slot_size));
        return self;
    }

    /// A copy of `other`.
    pub fn clone(gpa: std.mem.Allocator, other: *const Model) error{OutOfMemory}!*Model {
        const self = try gpa.create(Model);
        errdefer gpa.destroy(self);
        self.slots = try gpa.alignedAlloc(u8, .@"64", other.slots.len);
        self.copy(other);
        return self;
    }

    pub fn destroy(self: *Model, gpa: std.mem.Allocator) void {
        gpa.free(self.slots);
        gpa.destroy(self);
    }

    fn init(self: *Model, slots: []align(64) u8) void {
        @memset(slots, 0);
        self.* = .{
            .slots = slots,
            .maps = undefined,
            .byte_weights = @splat(@splat(20 << 10)),
            .place_weights = @splat(@splat(20 << 10)),
            .match_weights = @splat(@splat(20 << 10)),
            .match_map = undefined,
            .corrections = undefined,
            .flags = @splat(60000),
            .matches = @splat(0),
        };
        for (&self.maps) |*map| {
            for (map, states.chance) |*entry, first| entry.* = @as(u32, first) << 16;
        }
        for (&self.match_map, 0..) |*entry, at| {
            const length: u32 = @intCast(at);
            entry.* = (65535 - 32768 / (length + 2)) << 16;
        }
        for (&self.corrections) |*row| {
            for (row, 0..) |*entry, at| {
                entry.* = squash((@as(i32, @intCast(at)) - 16) * 128);
            }
        }
    }

    /// Copies `other`, which has as many slots.
    pub fn copy(self: *Model, other: *const Model) void {
        const slots = self.slots;
        @memcpy(slots, other.slots);
        self.* = other.*;
        self.slots = slots;
    }

    pub fn start(_: *Model) void {}
    /// Before each byte. `history` is all text so far.
    pub fn begin(self: *Model, history: []const u8) void {
        self.partial = 1;
        self.findMatch(history);
    }

    /// Whether a run is on, in which `flag` tells if the next byte is `expected`.
    ///
    /// Digits are what differs between texts otherwise alike: all contexts predict them, always.
    pub fn inRun(self: *const Model, history: []const u8) bool {
        return self.match_length >= run_min and kindOf(history[self.match_at]) != 1;
    }

    pub fn expected(self: *const Model, history: []const u8) u8 {
        return history[self.match_at];
    }

    /// The chance, which `setFlag` corrects, that the run goes on.
    pub fn flag(self: *Model, history: []const u8) *u16 {
        const length: u32 = std.math.log2_int(usize, self.match_length);
        const context = contexts.mix(self.tracker.where() +% length, kindOf(self.expected(history)));
        return &self.flags[context >> 20];
    }

    pub fn setFlag(entry: *u16, runs_on: bool) void {
        if (runs_on) entry.* += (65535 - entry.*) >> 4 else entry.* -= entry.* >> 4;
    }

    pub fn flagChance(entry: u16) u16 {
        return std.math.clamp(entry, 32, 65535 - 8);
    }

    pub fn endRunByte(self: *Model, history: []const u8) void {
        self.tracker.push(history[history.len - 1]);
        self.match_at += 1;
        self.match_length += 1;
    }

    /// The run ended: the next byte is not the expected one, and is predicted bit by bit.
    pub fn breakRun(self: *Model) void {
        self.match_length = 0;
    }

    /// Before each bit of a byte outside runs: the chance that it is a one, in 1/65536.
    pub fn predict(self: *Model, history: []const u8) u16 {
        if (self.partial == 1 or (self.partial >= 16 and self.partial < 32)) self.findNodes();
        var stretched: [lanes]i32 = @splat(0);
        const node = self.nodeOf();
        for (0..contexts.count) |at| {
            const state = self.slots[self.nodes[at] + node];
            stretched[at] = stretch(@intCast(self.maps[at][state] >> 20));
        }
        self.predictMatch(history, &stretched);
        stretched[contexts.count + 1] = 256;
        self.stretched = stretched;
        const by_byte = mixed(self.stretched, self.byte_weights[self.partial & 0xff]);
        const by_place = mixed(self.stretched, self.place_weights[self.place_set]);
        self.byte_chance = squash(by_byte);
        self.place_chance = squash(by_place);
        self.match_set = self.matchSet();
        const by_match = mixed(self.stretched, self.match_weights[self.match_set]);
        self.match_chance = squash(by_match);
        const all = @divFloor(by_byte + by_place + by_match, 3);
        const chance = squash(all);
        const row = (self.tracker.where() ^ self.partial *% 0x9e3779b1) & 1023;
        const position: u32 = @intCast(all + 2048);
        const low = position >> 7;
        const rest = position & 127;
        const entries = &self.corrections[row];
        self.correction = &entries[low + @intFromBool(rest >= 64)];
        const corrected = (@as(u32, entries[low]) * (128 - rest) + @as(u32, entries[low + 1]) * rest) >> 7;
        const final = (@as(u32, chance) + corrected * 3) >> 2;
        return @intCast(std.math.clamp(final, 16, 65535 - 16));
    }

    /// After each bit of a byte outside runs. `history` is all text before the byte.
    pub fn update(self: *Model, bit: u1) void {
        self.train(&self.byte_weights[self.partial & 0xff], bit, self.byte_chance);
        self.train(&self.place_weights[self.place_set], bit, self.place_chance);
        self.train(&self.match_weights[self.match_set], bit, self.match_chance);
        const corrected = self.correction.*;
        self.correction.* = if (bit == 1) corrected + ((65535 - corrected) >> 6) else corrected - (corrected >> 6);
        const node = self.nodeOf();
        for (0..contexts.count) |at| {
            const place = self.nodes[at] + node;
            const state = self.slots[place];
            learn(&self.maps[at][state], bit);
            self.slots[place] = states.next[state][bit];
        }
        if (self.expected_bit) |guess| {
            learn(&self.match_map[self.match_index], @intFromBool(guess == bit));
            if (guess != bit) self.match_length = 0;
        }
        self.partial = self.partial << 1 | bit;
    }

    /// Of what the match and the guesses of numbers say: nothing, or how certain they are.
    fn matchSet(self: *const Model) u32 {
        const length: u32 = if (self.expected_bit == null) 0 else 1 + std.math.log2_int(u32, @intCast(@min(self.match_length, 63)));
        const guesses = &self.tracker.guesses;
        const shape: u32 = if (guesses.shape.agrees) 1 + @as(u32, @min(guesses.shape_hits, 1)) else 0;
        const series: u32 = if (guesses.series.agrees) 1 + @as(u32, @min(guesses.series_hits, 1)) else 0;
        const turn: u32 = @intFromBool(guesses.turn.agrees and guesses.turn_hits > 0);
        return ((length * 3 + shape) * 3 + series) * 2 + turn;
    }

    fn train(self: *const Model, weights: *Lanes, bit: u1, chance: u16) void {
        const target: i32 = if (bit == 1) 65535 else 0;
        const step: Lanes = @splat(((target - chance) >> 4) * 10);
        weights.* += (self.stretched * step + @as(Lanes, @splat(0x2000))) >> @splat(14);
    }

    /// After each byte outside runs; `history` holds it as its last.
    pub fn endByte(self: *Model, history: []const u8) void {
        self.tracker.push(history[history.len - 1]);
        if (self.match_length > 0) {
            self.match_length += 1;
            self.match_at += 1;
        }
    }

    /// Bytes of a tree node within its slot: 1 to 15.
    fn nodeOf(self: *const Model) usize {
        return if (self.partial < 16) self.partial else blk: {
            const bits = 31 - @clz(self.partial) - 4;
            const kept = self.partial & ((@as(u32, 1) << @intCast(bits)) - 1);
            break :blk (@as(u32, 1) << @intCast(bits)) | kept;
        };
    }

    /// The slots of this byte's first or second four bits.
    fn findNodes(self: *Model) void {
        // In a run, bytes come without their contexts, which are found only here.
        if (self.partial == 1) {
            self.tracker.hashes(&self.hashes);
            self.place_set = self.tracker.where() & (place_sets - 1);
        }
        var own = self.hashes;
        for (&own) |*hash| {
            if (self.partial != 1) hash.* = contexts.mix(hash.*, self.partial);
            @prefetch(&self.slots[self.lineOf(hash.*)], .{});
        }
        for (own, &self.nodes) |hash, *place| place.* = self.findSlot(hash);
    }

    fn lineOf(self: *const Model, hash: u32) usize {
        return (@as(usize, hash) *% 64) & (self.slots.len - 1);
    }

    fn findSlot(self: *Model, hash: u32) usize {
        const check: u8 = @truncate(hash >> 24 | 1);
        const line = self.lineOf(hash);
        var oldest: usize = line;
        var least: u32 = std.math.maxInt(u32);
        for (0..4) |way| {
            const at = line + way * slot_size;
            if (self.slots[at] == check) return at;
            const worth: u32 = if (self.slots[at] == 0) 0 else 1 + @as(u32, states.seen[self.slots[at + 1]]);
            if (worth < least) {
                least = worth;
                oldest = at;
            }
        }
        @memset(self.slots[oldest..][0..slot_size], 0);
        self.slots[oldest] = check;
        return oldest;
    }

    fn findMatch(self: *Model, history: []const u8) void {
        if (history.len < match_min) return;
        const key = self.tracker.recent & ((1 << (8 * match_min)) - 1);
        const entry = &self.matches[@intCast((key *% 0x9e3779b97f4a7c15) >> 48)];
        if (self.match_length == 0) {
            const candidate = entry.*;
            if (candidate > 0) {
                var length: usize = 0;
                while (length < 32 and length < candidate and
                    history[candidate - 1 - length] == history[history.len - 1 - length]) length += 1;
                if (length >= match_min) {
                    self.match_at = candidate;
                    self.match_length = length;
                }
            }
        }
        entry.* = @intCast(history.len);
    }

    fn predictMatch(self: *Model, history: []const u8, stretched: *[lanes]i32) void {
        self.expected_bit = null;
        if (self.match_length == 0) return;
        const byte = @as(u32, history[self.match_at]) | 256;
        const bits = 31 - @clz(self.partial);
        if (byte >> @intCast(8 - bits) != self.partial) return;
        const guess: u1 = @truncate(byte >> @intCast(7 - bits));
        self.expected_bit = guess;
        self.match_index = @min(self.match_length, 31) + 32 * @as(usize, @intFromBool(bits > 0));
        const certainty = stretch(@intCast(self.match_map[self.match_index] >> 20));
        stretched[contexts.count] = if (guess == 1) certainty else -certainty;
    }
};

/// The weighted sum of stretched chances, in the same unit.
fn mixed(stretched: Lanes, weights: Lanes) i32 {
    return std.math.clamp(@reduce(.Add, (stretched * weights) >> @splat(8)) >> 8, -2047, 2047);
}

fn kindOf(byte: u8) u32 {
    return switch (byte) {
        '0'...'9', '.', '-' => 1,
        'a'...'z', 'A'...'Z' => 2,
        ' ', '\n', '\t' => 3,
        else => 4,
    };
}

const times_max = 255;

/// What share of its error a chance is corrected by, after so many corrections, in 1/65536.
const shares: [times_max + 1]i64 = table: {
    var result: [times_max + 1]i64 = undefined;
    for (&result, 0..) |*share, times| share.* = 2 * 65536 / (2 * times + 3);
    break :table result;
};

/// The upper 22 bits are a chance, the lower 10 how often it was corrected.
fn learn(entry: *u32, bit: u1) void {
    const times = entry.* & 1023;
    const chance: i64 = entry.* >> 10;
    const target: i64 = if (bit == 1) (1 << 22) - 1 else 0;
    const moved: u32 = @intCast(chance + (((target - chance) * shares[times]) >> 16));
    entry.* = moved << 10 | @min(times + 1, times_max);
}

const stretches: [4096]i16 = table: {
    @setEvalBranchQuota(1_000_000);
    var result: [4096]i16 = undefined;
    var at: usize = 0;
    for (0..4096) |entry| {
        // The largest place whose squashed chance is at most the entry's.
        while (at < 4094 and squashes[at + 1] <= entry * 16 + 8) at += 1;
        result[entry] = @as(i16, @intCast(at)) - 2047;
    }
    break :table result;
};

/// ln(p / (1 - p)) of a chance in 1/4096, times 256.
fn stretch(chance: u12) i32 {
    return stretches[chance];
}

/// 65536 / (1 + e^-x) for x from -8 to 8 in steps of a half, the same for every compiler.
const logistic = [33]u32{
    22,    36,    60,    98,    162,   267,   439,   720,   1179,  1921,  3108,  4971,  7812,  11955, 17625, 24743,
    32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500,
    65514,
};

/// The chance of each stretched one from -2047 to 2047, between the points of `logistic`.
const squashes: [4095]u16 = table: {
    @setEvalBranchQuota(1_000_000);
    var result: [4095]u16 = undefined;
    for (&result, 1..) |*entry, place| {
        const low = place / 128;
        const rest = place % 128;
        entry.* = (logistic[low] * (128 - rest) + logistic[low + 1] * rest + 64) / 128;
    }
    break :table result;
};

/// The chance in 1/65536 of a stretched one.
fn squash(x: i32) u16 {
    return squashes[@intCast(std.math.clamp(x, -2047, 2047) + 2047)];
}

test "stretch undoes squash" {
    for ([_]i32{ -2000, -1500, -300, 0, 1, 300, 1500 }) |x| {
        const back = stretch(@intCast(squash(x) >> 4));
        try std.testing.expect(@abs(back - x) <= 1 + @abs(x) / 8);
    }
    try std.testing.expect(squash(2047) > 65500 and squash(-2047) < 40);
}

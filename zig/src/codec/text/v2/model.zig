//! Predicts the next bit of a text from several contexts at once, and learns from each bit.
//!
//! Context mixing (Mahoney 2005): each context's bit history gives a chance, and so does the share
//! of its ones; mixers weigh the chances by how well each has served, another one weighs the
//! mixers, and two tables correct the result. Only integers are used, so that every machine
//! predicts the same.
const std = @import("std");
const chances = @import("chances.zig");
const contexts = @import("contexts.zig");
const states = @import("../states.zig");
const Matcher = @import("matcher.zig").Matcher;
const Mixer = @import("mixer.zig").Mixer;
const one = @import("mixer.zig").one;
const Slots = @import("slots.zig").Slots;

const count = contexts.count + 1;
const inputs = std.mem.alignForward(usize, 2 * count + 2, 4);
const flag_contexts = 4096;
/// From this length of a match on, one bit says whether the whole next byte is as expected.
const run_min = 32;
const certainty_max = 16;
const correction_rows = 4096;
/// How many bits weigh in a chance that is learned.
const times_max = 120;
/// The mixers' rate, and how much it is more at first; the last mixer's.
const rate_last = 50;
const rate_more = 20;
const last_rate = 6;

const First = Mixer(inputs, 256);
const Placed = Mixer(inputs, 1024);
const Certain = Mixer(inputs, contexts.certainties * certainty_max);
const Kinds = Mixer(inputs, 2048);
const Last = Mixer(4, 256);
const Corrections = [correction_rows][49]u16;

/// How many lines of slots a model has for small texts and for large ones.
pub const small_slots = 1 << 17;
pub const large_slots = 1 << 18;
/// Texts beyond this size, with the primer, fill the small ones.
pub const small_max = 64 << 10;

pub const Model = struct {
    slots: Slots,
    tracker: contexts.Tracker = .{},
    matcher: Matcher,
    maps: [count][256]u32,
    match_map: [2 * 64]u32,
    by_byte: First,
    by_place: Placed,
    by_certainty: Certain,
    by_kind: Kinds,
    last: Last,
    corrections: [2]Corrections,
    flags: [flag_contexts]u32,

    hashes: [count]u32 = @splat(0),
    nodes: [count]Slots.Slot = undefined,
    logits: First.Lanes = @splat(0),
    mixed: Last.Lanes = @splat(0),
    /// The bits of this byte so far, after a leading one.
    partial: u32 = 1,
    correction: [2]*u16 = undefined,
    match_index: usize = 0,
    expected_bit: ?u1 = null,
    kind: usize = 0,
    place: u32 = 0,
    bits: u32 = 0,

    /// `slots` is a power of two of lines of slots.
    pub fn create(gpa: std.mem.Allocator, slots: usize) error{OutOfMemory}!*Model {
        const self = try gpa.create(Model);
        errdefer gpa.destroy(self);
        self.* = .{
            .slots = try .create(gpa, slots),
            .matcher = undefined,
            .maps = undefined,
            .match_map = undefined,
            .by_byte = .init(one / 6),
            .by_place = .init(one / 6),
            .by_certainty = .init(one / 6),
            .by_kind = .init(one / 6),
            .last = .init(one / 4),
            .corrections = undefined,
            .flags = @splat(60000 << 16),
        };
        self.matcher.init();
        for (&self.maps) |*map| {
            for (map, states.chance) |*entry, first| entry.* = @as(u32, first) << 16;
        }
        for (&self.match_map, 0..) |*entry, at| {
            entry.* = (65535 - 32768 / (@as(u32, @intCast(at & 63)) + 2)) << 16;
        }
        for (&self.corrections) |*rows| {
            for (rows) |*row| {
                for (row, 0..) |*entry, at| entry.* = chances.squash((@as(i32, @intCast(at)) - 24) * 128);
            }
        }
        return self;
    }

    /// A copy of `other`.
    pub fn clone(gpa: std.mem.Allocator, other: *const Model) error{OutOfMemory}!*Model {
        const self = try gpa.create(Model);
        errdefer gpa.destroy(self);
        self.slots = .{ .lines = try gpa.alloc(Slots.Line, other.slots.lines.len) };
        self.copy(other);
        return self;
    }

    pub fn destroy(self: *Model, gpa: std.mem.Allocator) void {
        self.slots.destroy(gpa);
        gpa.destroy(self);
    }

    /// Copies `other`, which has as many slots.
    pub fn copy(self: *Model, other: *const Model) void {
        const slots = self.slots;
        slots.copy(other.slots);
        self.* = other.*;
        self.slots = slots;
    }

    /// Before a text.
    pub fn start(self: *Model) void {
        self.tracker.begin();
    }

    /// Before each byte. `history` is all text so far.
    pub fn begin(self: *Model, history: []const u8) void {
        _ = history;
        self.partial = 1;
    }

    /// Whether a run is on, in which `flag` tells if the next byte is `expected`.
    ///
    /// Digits are what differs between texts that are otherwise alike, so that they are predicted
    /// from all contexts even in a run.
    pub fn inRun(self: *const Model, history: []const u8) bool {
        return self.matcher.length >= run_min and kindOf(history[self.matcher.at]) != 1;
    }

    pub fn expected(self: *const Model, history: []const u8) u8 {
        return history[self.matcher.at];
    }

    /// The chance, which `setFlag` corrects, that the run goes on.
    pub fn flag(self: *Model, history: []const u8) *u32 {
        const length: u32 = std.math.log2_int(usize, self.matcher.length);
        const context = contexts.mix(self.tracker.where() +% length, self.expected(history));
        return &self.flags[context >> 20];
    }

    pub fn setFlag(entry: *u32, runs_on: bool) void {
        chances.learn(entry, @intFromBool(runs_on), times_max);
    }

    pub fn flagChance(entry: u32) u16 {
        return @intCast(std.math.clamp(entry >> 16, 32, 65535 - 4));
    }

    /// A byte that a run told ends here; `history` holds it as its last.
    pub fn endRunByte(self: *Model, history: []const u8) void {
        self.endByte(history);
    }

    /// The run ended: the next byte is not the expected one, and is predicted bit by bit.
    pub fn breakRun(self: *Model) void {
        self.matcher.length = 0;
    }

    /// Before each bit of a byte outside runs: the chance that it is a one, in 1/65536.
    pub fn predict(self: *Model, history: []const u8) u16 {
        if (self.partial == 1 or (self.partial >= 16 and self.partial < 32)) self.findNodes(history);
        var logits: [inputs]i32 = @splat(0);
        const node = self.nodeOf();
        for (&self.nodes, 0..) |slot, at| {
            const state = slot.states[node];
            if (state == 0) continue;
            logits[2 * at] = chances.stretch(@intCast(self.maps[at][state] >> 16));
            logits[2 * at + 1] = chances.stretch(slot.chances[node]);
        }
        const certainty = self.predictMatch(history, logits[2 * count ..]);
        logits[2 * count + 1] = 256;
        self.logits = logits;
        const kind = self.kind * 8 + (31 - @clz(self.partial));
        self.mixed = .{
            self.by_byte.mix(self.logits, self.partial & 0xff),
            self.by_place.mix(self.logits, self.place & 1023),
            self.by_certainty.mix(self.logits, certainty * contexts.certainties + self.tracker.certainty()),
            self.by_kind.mix(self.logits, kind & 2047),
        };
        return self.corrected(self.last.mix(self.mixed, self.partial & 0xff));
    }

    fn corrected(self: *Model, logit: i32) u16 {
        const position: u32 = @intCast(logit + 3072);
        const low = position >> 7;
        const rest = position & 127;
        const last: u32 = @as(u8, @truncate(self.tracker.recent));
        const rows = [2]u32{ self.place ^ self.partial *% 0x9e3779b1, contexts.mix(last, self.partial) };
        var sum: u32 = @as(u32, chances.squash(logit)) * 2;
        for (rows, &self.corrections, &self.correction) |row, *table, *used| {
            const entries = &table[row & (correction_rows - 1)];
            sum += 3 * ((@as(u32, entries[low]) * (128 - rest) + @as(u32, entries[low + 1]) * rest) >> 7);
            used.* = &entries[low + @intFromBool(rest >= 64)];
        }
        return @intCast(std.math.clamp(sum >> 3, 4, 65535 - 4));
    }

    /// After each bit of a byte outside runs.
    pub fn update(self: *Model, bit: u1) void {
        self.bits +|= 1;
        const rate = rate_last + @as(i32, @intCast(@divTrunc(20_000 * rate_more, @as(i32, @intCast(20_000 + @min(self.bits, 1 << 24))))));
        self.by_byte.learn(self.logits, bit, rate);
        self.by_place.learn(self.logits, bit, rate);
        self.by_certainty.learn(self.logits, bit, rate);
        self.by_kind.learn(self.logits, bit, rate);
        self.last.learn(self.mixed, bit, last_rate);
        for (self.correction) |entry| {
            const old = entry.*;
            entry.* = if (bit == 1) old + ((65535 - old) >> 6) else old - (old >> 6);
        }
        const node = self.nodeOf();
        for (&self.nodes, 0..) |slot, at| {
            const state = slot.states[node];
            chances.learn(&self.maps[at][state], bit, times_max);
            chances.approach(&slot.chances[node], bit, @min(states.seen[state], 30));
            slot.states[node] = states.next[state][bit];
        }
        if (self.expected_bit) |guess| chances.learn(&self.match_map[self.match_index], @intFromBool(guess == bit), times_max);
        self.partial = self.partial << 1 | bit;
    }

    /// After each byte outside runs; `history` holds it as its last.
    pub fn endByte(self: *Model, history: []const u8) void {
        self.tracker.push(history);
        self.matcher.push(history);
    }

    /// A tree node within its slot: 1 to 15.
    fn nodeOf(self: *const Model) usize {
        if (self.partial < 16) return self.partial;
        const bits: u5 = @intCast(31 - @clz(self.partial) - 4);
        return (@as(u32, 1) << bits) | (self.partial & ((@as(u32, 1) << bits) - 1));
    }

    /// The slots of this byte's first or second four bits.
    fn findNodes(self: *Model, history: []const u8) void {
        if (self.partial == 1) {
            self.tracker.hashes(history, self.hashes[0..contexts.count]);
            const matched: u32 = if (self.matcher.length == 0) 0 else @as(u32, history[self.matcher.at]) << 8 | std.math.log2_int(usize, self.matcher.length) + 1;
            self.hashes[contexts.count] = contexts.mix(matched, 0x77);
            self.place = self.tracker.where();
            self.kind = @as(usize, self.tracker.previous()) * 2 + @intFromBool(self.tracker.in_string);
            self.kind &= 255;
        }
        var own = self.hashes;
        for (&own) |*hash| {
            if (self.partial != 1) hash.* = contexts.mix(hash.*, self.partial);
            self.slots.prefetch(hash.*);
        }
        for (own, &self.nodes) |hash, *slot| slot.* = self.slots.find(hash);
    }

    /// How certain the match is, 0 for no match.
    fn predictMatch(self: *Model, history: []const u8, logits: []i32) usize {
        self.expected_bit = null;
        if (self.matcher.length == 0) return 0;
        const byte = @as(u32, history[self.matcher.at]) | 256;
        const bits = 31 - @clz(self.partial);
        if (byte >> @intCast(8 - bits) != self.partial) return 0;
        const guess: u1 = @truncate(byte >> @intCast(7 - bits));
        self.expected_bit = guess;
        const length = self.matcher.length;
        self.match_index = (if (length < 32) length else @min(28 + std.math.log2_int(usize, length), 63)) + 64 * @as(usize, @intFromBool(bits > 0));
        const certainty = chances.stretch(@intCast(self.match_map[self.match_index] >> 16));
        logits[0] = if (guess == 1) certainty else -certainty;
        return 1 + std.math.log2_int(usize, length);
    }
};

/// What a byte is: a letter, a digit, a separator.
fn kindOf(byte: u8) u8 {
    return switch (byte) {
        '0'...'9', '.', '-', '+' => 1,
        'a'...'z', 'A'...'Z', '_', 0x80...0xff => 2,
        else => 0,
    };
}

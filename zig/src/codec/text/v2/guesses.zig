//! Guesses of the next number in a text: drawings repeat shapes elsewhere, lists count up, and one
//! number follows from another that stands a little before it.
//!
//! Numbers are exact, in ten-billionths (of a metre, where they are a drawing's in millimetres); a
//! guess is the text that the number would have in the form that its mark tells.
const std = @import("std");
const figures = @import("figures.zig");
const Form = figures.Form;

const exact_max = 40_000_000_000_000;
const table_size = 4096;
const turns_size = 1024;
const hits_max = 15;

/// What a guess says of the next byte.
pub const Guess = struct {
    text: [figures.text_max]u8 = undefined,
    length: usize = 0,
    /// How many bytes of the number stand already.
    at: usize = 0,
    /// All of them were guessed.
    agrees: bool = false,
    value: i64 = 0,
    form: Form = .plain,
    hits: u8 = 0,

    /// The byte that should come next, 0 for the end of the number, 1 where the guess is wrong.
    pub fn expected(self: *const Guess) u32 {
        if (!self.agrees) return 0x100;
        const byte: u32 = if (self.at < self.length) self.text[self.at] else 0;
        return byte << 4 | self.hits | 0x10000;
    }

    fn push(self: *Guess, byte: u8) void {
        if (self.at == 0 and self.agrees and Form.of(byte) != self.form) self.spell(.of(byte));
        self.agrees = self.agrees and self.at < self.length and self.text[self.at] == byte;
        self.at += 1;
    }

    fn set(self: *Guess, value: i64, form: Form, hits: u8) void {
        self.at = 0;
        self.hits = hits;
        self.value = value;
        self.agrees = @abs(value) <= exact_max;
        if (self.agrees) self.spell(form);
    }

    fn spell(self: *Guess, form: Form) void {
        self.form = form;
        self.length = figures.spell(form, figures.drawnAs(form, self.value) orelse 0, &self.text).len;
    }

    fn clear(self: *Guess) void {
        self.agrees = false;
    }
};

const Step = struct { key: u32 = 0, step: i64 = 0, hits: u8 = 0 };
const Turn = struct { key: u32 = 0, next: [2]i64 = .{ 0, 0 }, hits: u8 = 0 };
const Series = struct { last: i64 = 0, before: i64 = 0, step: i64 = 0, hits: u8 = 0 };

/// How many numbers before this one it may follow from, and how many of a document's first places.
const lags = 7;
const anchors_max = 4;
const links = 2 * lags + 2 * anchors_max;
/// What a number at a place was more than, or together with, each of those that it may follow from.
const Linked = struct { rests: [links]i64 = @splat(0), hits: [links]u8 = @splat(0) };

pub const Guesses = struct {
    /// From the steps before this one, as they occurred earlier: a shape drawn again elsewhere.
    shape: Guess = .{},
    /// From the number at the same place in the record before, and the one before that.
    series: Guess = .{},
    /// From the last step between two points, and what followed such a step in any direction: the
    /// corners of an outline are alike, each turned by a quarter.
    turn: Guess = .{},
    /// From the numbers before it, as it followed from them at this place: the best two.
    linked: [2]Guess = .{ .{}, .{} },
    /// How large the last number at this place was, and how it compares with the one before.
    coarse: u32 = 0,
    ratio: u32 = 0,

    number: i64 = 0,
    digits: u32 = 0,
    places: u32 = 0,
    negative: bool = false,
    after_point: bool = false,
    is_number: bool = false,
    form: Form = .plain,
    last_form: Form = .plain,

    recent: [lags]i64 = @splat(0),
    anchors: [anchors_max]i64 = @splat(0),
    anchored: usize = 0,
    /// The last two steps, each from the number before the last.
    steps: [2]i64 = .{ 0, 0 },
    shapes: [table_size]Step = @splat(.{}),
    serials: [table_size]Series = @splat(.{}),
    linkeds: [table_size]Linked = @splat(.{}),
    /// The last point, the first half of the next one, the last step, and the point guessed.
    point: [2]i64 = .{ 0, 0 },
    half: i64 = 0,
    last_step: [2]i64 = .{ 0, 0 },
    guessed: ?[2]i64 = null,
    guessed_hits: u8 = 0,
    turns: [turns_size]Turn = @splat(.{}),

    /// A new document begins.
    pub fn document(self: *Guesses) void {
        self.anchored = 0;
    }

    fn all(self: *Guesses) [5]*Guess {
        return .{ &self.shape, &self.series, &self.turn, &self.linked[0], &self.linked[1] };
    }

    /// A byte within a word.
    pub fn push(self: *Guesses, byte: u8) void {
        for (self.all()) |guess| guess.push(byte);
        switch (byte) {
            4...6 => {
                if (self.digits > 0 or self.negative) self.is_number = false;
                self.form = .of(byte);
            },
            '-' => {
                if (self.digits > 0 or self.negative) self.is_number = false;
                self.negative = true;
            },
            '.' => {
                if (self.digits == 0 or self.after_point) self.is_number = false;
                self.after_point = true;
            },
            '0'...'9' => {
                self.digits += 1;
                self.number = self.number *% 10 +% (byte - '0');
                if (self.after_point) self.places += 1;
                if (self.digits > 14 or self.places > 6) self.is_number = false;
            },
            else => self.is_number = false,
        }
    }

    /// The end of a word that stood at `place`, as a list's n-th.
    pub fn end(self: *Guesses, place: u32, n: u32, anchor: bool) void {
        if (!self.is_number or self.digits == 0) return;
        // Six digits before the point and seven after it stay far below 2^63.
        if (self.digits - self.places > 6) return;
        var drawn = self.number;
        for (self.places..6) |_| drawn *= 10;
        if (self.negative) drawn = -drawn;
        const value = figures.exactOf(self.form, drawn);
        self.last_form = self.form;
        if (n & 1 == 1) self.half = value else self.endPoint(.{ self.half, value });
        const step = value - self.recent[1];
        const shape = self.shapeOf();
        if (shape.key != self.shapeKey()) shape.* = .{ .key = self.shapeKey() };
        shape.hits = if (shape.step == step) @min(shape.hits + 1, 3) else 0;
        shape.step = step;
        self.steps = .{ self.steps[1], step };
        const series = &self.serials[place >> 20];
        const serial_step = value - series.last;
        series.hits = if (series.step == serial_step) @min(series.hits + 1, 3) else 0;
        series.* = .{ .last = value, .before = series.last, .step = serial_step, .hits = series.hits };
        self.link(place, value);
        std.mem.copyBackwards(i64, self.recent[1..], self.recent[0 .. lags - 1]);
        self.recent[0] = value;
        if (anchor and self.anchored < anchors_max) {
            self.anchors[self.anchored] = value;
            self.anchored += 1;
        }
    }

    fn link(self: *Guesses, place: u32, value: i64) void {
        const known = &self.linkeds[place >> 20];
        for (&known.rests, &known.hits, 0..) |*rest, *hits, number| {
            const now = value - self.follows(number, 0);
            hits.* = if (rest.* == now) @min(hits.* + 1, hits_max) else hits.* / 2;
            rest.* = now;
        }
    }

    /// The number that follows by a link from the one it goes by.
    fn follows(self: *const Guesses, number: usize, rest: i64) i64 {
        const source = if (number < 2 * lags) self.recent[number / 2] else self.anchors[(number - 2 * lags) / 2];
        return if (number & 1 == 0) rest + source else rest - source;
    }

    fn endPoint(self: *Guesses, point: [2]i64) void {
        const step: [2]i64 = .{ point[0] - self.point[0], point[1] - self.point[1] };
        const quarter = quarterOf(self.last_step);
        const key = turnKey(turned(self.last_step, quarter));
        const turn = &self.turns[key >> 22];
        if (turn.key != key) turn.* = .{ .key = key };
        const next = turned(step, quarter);
        const near = @abs(turn.next[0] - next[0]) <= 20 and @abs(turn.next[1] - next[1]) <= 20;
        turn.hits = if (near) @min(turn.hits + 1, 3) else 0;
        turn.next = next;
        self.point = point;
        self.last_step = step;
        self.guessPoint();
    }

    /// Guesses the next point from the last step.
    fn guessPoint(self: *Guesses) void {
        const quarter = quarterOf(self.last_step);
        const key = turnKey(turned(self.last_step, quarter));
        const turn = self.turns[key >> 22];
        self.guessed = null;
        if (turn.key != key) return;
        const step = turned(turn.next, 0 -% quarter);
        self.guessed = .{ self.point[0] + step[0], self.point[1] + step[1] };
        self.guessed_hits = turn.hits;
    }

    /// A new word may begin, at `place`, as a list's n-th.
    pub fn begin(self: *Guesses, place: u32, n: u32) void {
        if (self.guessed) |point| self.turn.set(point[1 - (n & 1)], self.last_form, self.guessed_hits) else self.turn.clear();
        self.number = 0;
        self.digits = 0;
        self.places = 0;
        self.negative = false;
        self.after_point = false;
        self.is_number = true;
        self.form = .plain;
        const shape = self.shapeOf();
        if (shape.key == self.shapeKey()) self.shape.set(self.recent[1] + shape.step, self.last_form, shape.hits) else self.shape.clear();
        const series = self.serials[place >> 20];
        self.coarse = sizeOf(series.last);
        self.ratio = self.coarse -% sizeOf(series.before);
        self.series.set(series.last + series.step, self.last_form, series.hits);
        self.beginLinked(place);
    }

    fn beginLinked(self: *Guesses, place: u32) void {
        const known = &self.linkeds[place >> 20];
        var best: usize = 0;
        for (known.hits, 0..) |hits, number| if (hits > known.hits[best]) {
            best = number;
        };
        const first = self.follows(best, known.rests[best]);
        self.linked[0].set(first, self.last_form, known.hits[best]);
        var second: ?usize = null;
        for (known.hits, known.rests, 0..) |hits, rest, number| {
            if (hits > (if (second) |at| known.hits[at] else 0) and self.follows(number, rest) != first) second = number;
        }
        if (second) |at| self.linked[1].set(self.follows(at, known.rests[at]), self.last_form, known.hits[at]) else self.linked[1].clear();
    }

    fn shapeKey(self: *const Guesses) u32 {
        const first: u64 = @bitCast(self.steps[0]);
        const second: u64 = @bitCast(self.steps[1]);
        const mixed = (first *% 0x9e3779b97f4a7c15) ^ (second *% 0xc2b2ae3d27d4eb4f);
        return @truncate((mixed *% 0x9e3779b97f4a7c15) >> 32);
    }

    fn shapeOf(self: *Guesses) *Step {
        return &self.shapes[self.shapeKey() >> 20];
    }
};

/// A number's size: sixteen steps for each doubling.
fn sizeOf(value: i64) u32 {
    const magnitude = @abs(value) | 1;
    const bits = 63 - @clz(magnitude);
    const below: u32 = if (bits >= 4) @intCast((magnitude >> @intCast(bits - 4)) & 15) else 0;
    return @as(u32, bits) * 16 + below;
}

/// Which quarter a step points to, counted from the x axis.
fn quarterOf(step: [2]i64) u2 {
    if (@abs(step[0]) >= @abs(step[1])) return if (step[0] >= 0) 0 else 2;
    return if (step[1] > 0) 1 else 3;
}

/// A step turned back by some quarters.
fn turned(step: [2]i64, quarter: u2) [2]i64 {
    return switch (quarter) {
        0 => step,
        1 => .{ step[1], -step[0] },
        2 => .{ -step[0], -step[1] },
        3 => .{ -step[1], step[0] },
    };
}

/// The same for steps that differ by the rounding of their ends only, mostly.
fn turnKey(step: [2]i64) u32 {
    const across: u64 = @bitCast((step[0] + 80) >> 8);
    const along: u64 = @bitCast((step[1] + 80) >> 8);
    const mixed = (across *% 0x9e3779b97f4a7c15) ^ (along *% 0xc2b2ae3d27d4eb4f);
    return @truncate((mixed *% 0x9e3779b97f4a7c15) >> 32);
}

/// Has `guesses` read numbers, all at one place unless `places` tells more.
fn read(guesses: *Guesses, text: []const u8, places: u32) void {
    var n: u32 = 0;
    guesses.begin(0, 0);
    for (text) |byte| if (byte == ' ') {
        guesses.end((n % places) << 20, n, false);
        n += 1;
        guesses.begin((n % places) << 20, n);
    } else guesses.push(byte);
}

fn expectGuess(expected: []const u8, guess: *const Guess) !void {
    try std.testing.expect(guess.agrees);
    try std.testing.expectEqualStrings(expected, guess.text[0..guess.length]);
}

test "a series and a shape drawn again are guessed, in the form that comes" {
    var guesses: Guesses = .{};
    read(&guesses, "1 1 2 1.5 3.25 4 0 5 100 50 101 50.5 ", 1);
    try expectGuess("102.25", &guesses.shape);
    var series: Guesses = .{};
    read(&series, "3 5 ", 1);
    try expectGuess("7", &series.series);
    series.push(4);
    try expectGuess("\x0427.5591", &series.series);
    series.push('8');
    try std.testing.expect(!series.series.agrees);
    read(&series, "99999999999999 1.2345678 -.5 -- 5-5 1.2.3 \x04 \x05-9 999999.999999 -999999.999999 ", 1);
}

test "a number follows from one that stands before it" {
    var guesses: Guesses = .{};
    // The third is the first's mirror image, the fourth one more than the second.
    read(&guesses, "5 3 -5 4 7 8 -7 9 2.5 1 ", 4);
    try expectGuess("-2.5", &guesses.linked[0]);
    read(&guesses, "5 3 -5 4 7 8 -7 9 2.5 1 -2.5 ", 4);
    try expectGuess("2", &guesses.linked[0]);
}

test "a corner turned by a quarter is guessed" {
    var guesses: Guesses = .{};
    // Steps (4, 1), (3, 2), a long way, and the same turned: (-1, 4), (-2, 3).
    guesses.begin(0, 1);
    var n: u32 = 1;
    for ("0 0 4 1 7 3 50 50 49 54 ") |byte| if (byte == ' ') {
        guesses.end(0, n, false);
        n = 3 - n;
        guesses.begin(0, n);
    } else guesses.push(byte);
    try expectGuess("47", &guesses.turn);
}

//! Numbers of drawings, written as they were drawn.
//!
//! EasyEDA's unit is 0.254 mm, and a drawing's numbers are rounded to a thousandth or a
//! ten-thousandth of it; a footprint made from one holds them in millimetres with six places. What
//! was drawn as 2.8 mm stands there as 2.799994, and is written here as 2.8 and how it was rounded.
const std = @import("std");
const identifiers = @import("identifiers.zig");
const uuids = @import("../uuids.zig");

pub const Error = error{ Damaged, OutOfMemory };

pub const Form = enum(u8) {
    /// Millimetres, as they are.
    plain = 0,
    /// EasyEDA's units, with at most four places.
    units = 4,
    /// Millimetres with at most two places, rounded to a ten-thousandth of a unit.
    fine = 5,
    /// Millimetres with at most two places, rounded to a thousandth of a unit.
    coarse = 6,

    /// The form whose number begins with `byte`.
    pub fn of(byte: u8) Form {
        return if (isMark(byte)) @fromBackingInt(byte) else .plain;
    }
};

pub fn isMark(byte: u8) bool {
    return byte >= 4 and byte <= 6;
}

pub const text_max = 24;
/// Of a number's magnitude, in nanometres.
const size_max = 10_000_000_000;

/// `input` with its numbers as they were drawn; null where it has none, or has the marks as text.
pub fn shorten(arena: std.mem.Allocator, input: []const u8) Error!?[]u8 {
    if (std.mem.findAny(u8, input, &.{ 4, 5, 6, identifiers.mark }) != null) return null;
    var text: std.ArrayList(u8) = .empty;
    try text.ensureTotalCapacity(arena, input.len);
    var at: usize = 0;
    var found = false;
    while (at < input.len) {
        if (at > 0 and input[at - 1] == ' ') {
            const end = endOf(input, at);
            var buffer: [text_max]u8 = undefined;
            // A number ends where something else begins, and so does the text.
            const short = if (end < input.len) shortened(input[at..end], &buffer) else null;
            if (short) |drawn| {
                found = true;
                try text.appendSlice(arena, drawn);
                at = end;
                continue;
            }
        }
        if (std.ascii.isDigit(input[at]) and (at == 0 or !std.ascii.isDigit(input[at - 1]))) {
            var buffer: [identifiers.text_max]u8 = undefined;
            if (identifiers.parted(input[at..], &buffer)) |part| {
                found = true;
                try text.appendSlice(arena, part);
                at += identifiers.digits_max;
                continue;
            }
        }
        try text.append(arena, input[at]);
        at += 1;
    }
    return if (found) text.items else null;
}

/// The text that `input` was; error.Damaged where no text becomes it, or one of more than `size`.
pub fn restore(arena: std.mem.Allocator, input: []const u8, size: usize) Error![]u8 {
    var text: std.ArrayList(u8) = .empty;
    var at: usize = 0;
    while (at < input.len) {
        if (text.items.len > size) return error.Damaged;
        if (input[at] == identifiers.mark) {
            var buffer: [identifiers.text_max]u8 = undefined;
            try text.appendSlice(arena, identifiers.joined(input[at..], &buffer) orelse return error.Damaged);
            at += identifiers.length;
            continue;
        }
        if (!isMark(input[at])) {
            try text.append(arena, input[at]);
            at += 1;
            continue;
        }
        const end = endOf(input, at + 1);
        var buffer: [text_max]u8 = undefined;
        try text.appendSlice(arena, try restored(.of(input[at]), input[at + 1 .. end], &buffer));
        at = end;
    }
    return text.items;
}

/// How long the text will be that a shortened one becomes, told while its bytes come.
pub const Meter = struct {
    length: usize = 0,
    /// Whether marks stand for numbers, and for UUIDs.
    shortened: bool,
    stripped: bool,
    form: Form = .plain,
    number: [text_max]u8 = undefined,
    digits: usize = 0,
    /// How much of an identifier is still to come.
    rest: usize = 0,

    pub fn push(self: *Meter, byte: u8) Error!void {
        if (self.rest > 0) {
            self.rest -= 1;
            return;
        }
        if (self.form != .plain) {
            if (isNumeral(byte)) {
                if (self.digits == text_max) return error.Damaged;
                self.number[self.digits] = byte;
                self.digits += 1;
                return;
            }
            var buffer: [text_max]u8 = undefined;
            self.length += (try restored(self.form, self.number[0..self.digits], &buffer)).len;
            self.form = .plain;
        }
        if (self.shortened and isMark(byte)) {
            self.form = .of(byte);
            self.digits = 0;
        } else if (self.shortened and byte == identifiers.mark) {
            self.length += identifiers.digits_max;
            self.rest = identifiers.length - 1;
        } else self.length += if (self.stripped) uuids.restoredLength(byte) else 1;
    }

    pub fn isWhole(self: *const Meter) bool {
        return self.rest == 0 and self.form == .plain;
    }
};

fn endOf(text: []const u8, start: usize) usize {
    var at = start;
    while (at < text.len and isNumeral(text[at])) at += 1;
    return at;
}

fn isNumeral(byte: u8) bool {
    return byte == '-' or byte == '.' or std.ascii.isDigit(byte);
}

/// A number as it was drawn, with its mark; null where it is as short as it is.
fn shortened(number: []const u8, buffer: *[text_max]u8) ?[]u8 {
    const value = parse(number) orelse return null;
    if (@abs(value) >= size_max or @rem(value, 1000) == 0) return null;
    var again: [text_max]u8 = undefined;
    if (!std.mem.eql(u8, print(value, &again), number)) return null;
    for ([_]Form{ .fine, .coarse, .units }) |form| {
        const drawn = drawnAs(form, value * 10) orelse continue;
        if (valueOf(form, drawn) != value) continue;
        return spell(form, drawn, buffer);
    }
    return null;
}

fn restored(form: Form, number: []const u8, buffer: *[text_max]u8) Error![]u8 {
    const drawn = parse(number) orelse return error.Damaged;
    if (@abs(drawn) >= 4 * size_max) return error.Damaged;
    return print(valueOf(form, drawn), buffer);
}

/// What a number of `exact` ten-billionths of a metre was drawn as, in millionths of the form's
/// unit; null where it has too many places.
pub fn drawnAs(form: Form, exact: i64) ?i64 {
    return switch (form) {
        .plain => rounded(exact, 10),
        .units => rounded(exact, 254) * 100,
        .fine => rounded(exact, 100_000) * 10_000,
        .coarse => rounded(exact, 100_000) * 10_000,
    };
}

/// The nanometres of a number that was drawn as `drawn` millionths of the form's unit.
fn valueOf(form: Form, drawn: i64) i64 {
    return switch (form) {
        .plain => drawn,
        .units => rounded(drawn * 254, 1000),
        .fine => rounded(rounded(drawn * 10, 254) * 254, 10),
        .coarse => rounded(rounded(drawn, 254) * 254, 1),
    };
}

/// The ten-billionths of a metre that a number of millionths of the form's unit was meant to be.
pub fn exactOf(form: Form, drawn: i64) i64 {
    return if (form == .units) rounded(drawn * 254, 100) else drawn * 10;
}

pub fn spell(form: Form, drawn: i64, buffer: *[text_max]u8) []u8 {
    if (form == .plain) return print(drawn, buffer);
    var digits: [text_max]u8 = undefined;
    const text = print(drawn, &digits);
    buffer[0] = @backingInt(form);
    @memcpy(buffer[1..][0..text.len], text);
    return buffer[0 .. text.len + 1];
}

fn rounded(value: i64, divisor: i64) i64 {
    const half = @divFloor(divisor, 2);
    return if (value >= 0) @divFloor(value + half, divisor) else -@divFloor(half - value, divisor);
}

/// A decimal number in millionths; null where it has more places, or is too large.
fn parse(text: []const u8) ?i64 {
    const negative = text.len > 0 and text[0] == '-';
    var value: i64 = 0;
    var places: ?usize = null;
    for (text[@intFromBool(negative)..]) |byte| {
        if (byte == '.') {
            if (places != null) return null;
            places = 0;
        } else if (std.ascii.isDigit(byte) and value < 1_000_000_000_000) {
            value = value * 10 + (byte - '0');
            if (places) |*number| number.* += 1;
        } else return null;
    }
    if ((places orelse 0) > 6) return null;
    for (places orelse 0..6) |_| value *|= 10;
    return if (negative) -value else value;
}

/// Millionths as CAD formats write them: without needless zeros.
fn print(value: i64, buffer: *[text_max]u8) []u8 {
    var at: usize = 0;
    if (value < 0) {
        buffer[0] = '-';
        at = 1;
    }
    const magnitude = @abs(value);
    at += std.fmt.printInt(buffer[at..], magnitude / 1_000_000, 10, .lower, .{});
    var rest = magnitude % 1_000_000;
    if (rest == 0) return buffer[0..at];
    buffer[at] = '.';
    at += 1;
    var unit: u64 = 100_000;
    while (rest > 0) : (unit /= 10) {
        buffer[at] = '0' + @as(u8, @intCast(rest / unit));
        at += 1;
        rest %= unit;
    }
    return buffer[0..at];
}

test "numbers become what was drawn, and come back" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    for ([_][2][]const u8{
        .{ "(at -4.3815 2.799994)", "(at \x04-17.25 \x052.8)" },
        .{ "(xy 2.949956 -0.399999) 0.059995;", "(xy \x062.95 \x05-0.4) \x050.06;" },
        .{ "(xy 4.510126 1.5) 8590230531259731968;", "(xy \x0417.7564 1.5) \x070825/2048070557417/0;" },
    }) |pair| {
        const short = (try shorten(arena.allocator(), pair[0])).?;
        try std.testing.expectEqualStrings(pair[1], short);
        try std.testing.expectEqualStrings(pair[0], try restore(arena.allocator(), short, 100));
        var meter: Meter = .{ .shortened = true, .stripped = true };
        for (short) |byte| try meter.push(byte);
        try std.testing.expect(meter.isWhole());
        try std.testing.expectEqual(pair[0].len, meter.length);
    }
    for ([_][]const u8{ "(at 1.27 -0.5 9)", " 02.799994", " 2.7999940", "\x04 2.799994", " 1234567890123.799994", "(at 2.799994" }) |text| {
        try std.testing.expectEqual(null, try shorten(arena.allocator(), text));
    }
    for ([_][]const u8{ "\x04", "\x051.2.3", "\x06--1", "\x04999999999999999999", "\x051.1234567" }) |text| {
        _ = restore(arena.allocator(), text, 100) catch |err| try std.testing.expectEqual(error.Damaged, err);
    }
}

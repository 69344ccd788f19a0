//! Decimal numbers as a layout and an integer, exactly: `0.0300` is layout `.4 digits`, integer 300.
//!
//! Many exporters print a binary64 with 19 digits, of which 3 say nothing new. Where printing the
//! binary64 nearest to the text (C's `%#.19G`) gives the text again, its bits are the integer.
const std = @import("std");
const Error = @import("bytes.zig").Error;

/// Longer numbers are text like any other.
pub const length_max = 48;
const digits_max = 19;
const exponent_max = 6;

/// How the digits of a number lie; numbers of one layout differ by one integer only.
pub const Layout = struct {
    /// Printed from the bits of a binary64; the other fields are then empty.
    binary: bool = false,
    /// Digits after the point.
    fraction: u8 = 0,
    /// What follows the digits, such as `E-05`.
    exponent: [exponent_max]u8 = @splat(0),
    exponent_len: u8 = 0,
};

pub const Number = struct { layout: Layout, integer: u64 };

/// The length of the number without sign at the start of `text`, 0 where there is none.
/// It has a point, at least one digit before it, and no needless leading zero.
pub fn scan(text: []const u8) usize {
    var at: usize = 0;
    while (at < text.len and isDigit(text[at])) at += 1;
    if (at == 0 or at >= text.len or text[at] != '.') return 0;
    if (text[0] == '0' and at > 1) return 0;
    at += 1;
    while (at < text.len and isDigit(text[at])) at += 1;
    const mantissa_end = at;
    if (at < text.len and (text[at] == 'E' or text[at] == 'e')) {
        at += 1;
        if (at < text.len and (text[at] == '+' or text[at] == '-')) at += 1;
        const first = at;
        while (at < text.len and isDigit(text[at])) at += 1;
        if (at == first or at - mantissa_end > exponent_max) at = mantissa_end;
    }
    return if (at <= length_max) at else 0;
}

/// The number that `text`, which `scan` measured, stands for; null where 64 bits do not hold it.
pub fn parse(text: []const u8) ?Number {
    const point = std.mem.findScalar(u8, text, '.') orelse return null;
    var layout: Layout = .{};
    var integer: u64 = 0;
    var end = point + 1;
    while (end < text.len and isDigit(text[end])) end += 1;
    for (text[0..end]) |char| {
        if (char == '.') continue;
        integer = std.math.mul(u64, integer, 10) catch return null;
        integer = std.math.add(u64, integer, char - '0') catch return null;
    }
    layout.fraction = @intCast(end - point - 1);
    layout.exponent_len = @intCast(text.len - end);
    @memcpy(layout.exponent[0..layout.exponent_len], text[end..]);
    const decimal: Number = .{ .layout = layout, .integer = integer };
    // What would not be printed as it stands, such as forty zeros, is text like any other.
    var check: [length_max]u8 = undefined;
    const again = print(decimal, &check) catch return null;
    if (!std.mem.eql(u8, again, text)) return null;
    if (end < digits_max or integer == 0) return decimal;
    const value = std.fmt.parseFloat(f64, text) catch return decimal;
    var buffer: [length_max]u8 = undefined;
    const printed = printBinary(@bitCast(value), &buffer) orelse return decimal;
    if (!std.mem.eql(u8, printed, text)) return decimal;
    return .{ .layout = .{ .binary = true }, .integer = @bitCast(value) };
}

/// The text of a number; error.Damaged where no text of at most `length_max` has these parts.
pub fn print(number: Number, buffer: *[length_max]u8) Error![]const u8 {
    const layout = number.layout;
    if (layout.binary) return printBinary(number.integer, buffer) orelse error.Damaged;
    var digits: [length_max]u8 = @splat('0');
    var start: usize = length_max;
    var rest = number.integer;
    while (rest > 0) : (rest /= 10) {
        start -= 1;
        digits[start] = '0' + @as(u8, @intCast(rest % 10));
    }
    if (layout.fraction >= length_max - 2 - exponent_max) return error.Damaged;
    start = @min(start, length_max - 1 - @as(usize, layout.fraction));
    const whole = length_max - start - layout.fraction;
    const length = whole + 1 + layout.fraction + layout.exponent_len;
    if (length > length_max) return error.Damaged;
    @memcpy(buffer[0..whole], digits[start..][0..whole]);
    buffer[whole] = '.';
    @memcpy(buffer[whole + 1 ..][0..layout.fraction], digits[start + whole ..]);
    const exponent_at = whole + 1 + layout.fraction;
    @memcpy(buffer[exponent_at..length], layout.exponent[0..layout.exponent_len]);
    return buffer[0..length];
}

const powers: [64]u256 = table: {
    var list: [64]u256 = undefined;
    list[0] = 1;
    for (1..64) |n| list[n] = list[n - 1] * 10;
    break :table list;
};

/// What C's `%#.19G` prints for a positive binary64 of 1e-43 to 1e15, exactly; null for others.
/// 53 bits times 10^60 stay below 2^253, so that 256 bits hold every step without rounding.
fn printBinary(bits: u64, buffer: *[length_max]u8) ?[]const u8 {
    const biased: i32 = @intCast(bits >> 52);
    if (biased == 0 or biased >= 0x7ff) return null;
    const mantissa: u256 = (bits & ((1 << 52) - 1)) | (1 << 52);
    const exponent2 = biased - 1075;
    if (exponent2 > -2 or exponent2 < -195) return null;
    // The value has about (exponent2 + 52) * log10(2) digits before the point; one too many or too
    // few is corrected below.
    var exponent10: i32 = @divFloor((exponent2 + 52) * 1233, 4096);
    var digits: u64 = 0;
    while (true) {
        const scale = digits_max - 1 - exponent10;
        if (scale < 0 or scale > 60) return null;
        const scaled = mantissa * powers[@intCast(scale)];
        const shift: u8 = @intCast(-exponent2);
        const remainder = scaled & ((@as(u256, 1) << shift) - 1);
        const half = @as(u256, 1) << (shift - 1);
        const floor = scaled >> shift;
        if (floor > std.math.maxInt(u64) - 1) return null;
        digits = @intCast(floor);
        if (digits >= 10_000_000_000_000_000_000) {
            exponent10 += 1;
            continue;
        }
        if (digits < 1_000_000_000_000_000_000) return null;
        if (remainder > half or (remainder == half and digits & 1 == 1)) digits += 1;
        if (digits == 10_000_000_000_000_000_000) {
            digits /= 10;
            exponent10 += 1;
        }
        break;
    }
    return layOut(digits, exponent10, buffer);
}

/// 19 digits with the first worth 10^exponent10, as `%#.19G` lays them out.
fn layOut(digits: u64, exponent10: i32, buffer: *[length_max]u8) ?[]const u8 {
    var text: [digits_max]u8 = undefined;
    var rest = digits;
    var at: usize = digits_max;
    while (at > 0) : (rest /= 10) {
        at -= 1;
        text[at] = '0' + @as(u8, @intCast(rest % 10));
    }
    if (exponent10 >= digits_max - 1) return null;
    if (exponent10 >= 0) {
        const whole: usize = @intCast(exponent10 + 1);
        @memcpy(buffer[0..whole], text[0..whole]);
        buffer[whole] = '.';
        @memcpy(buffer[whole + 1 ..][0 .. digits_max - whole], text[whole..]);
        return buffer[0 .. digits_max + 1];
    }
    if (exponent10 >= -4) {
        const zeros: usize = @intCast(-exponent10 - 1);
        @memcpy(buffer[0..2], "0.");
        @memset(buffer[2..][0..zeros], '0');
        @memcpy(buffer[2 + zeros ..][0..digits_max], &text);
        return buffer[0 .. 2 + zeros + digits_max];
    }
    buffer[0] = text[0];
    buffer[1] = '.';
    @memcpy(buffer[2..][0 .. digits_max - 1], text[1..]);
    @memcpy(buffer[digits_max + 1 ..][0..2], "E-");
    const power: u8 = @intCast(-exponent10);
    buffer[digits_max + 3] = '0' + power / 10;
    buffer[digits_max + 4] = '0' + power % 10;
    return buffer[0 .. digits_max + 5];
}

fn isDigit(char: u8) bool {
    return char >= '0' and char <= '9';
}

test "numbers come back as they were written" {
    var buffer: [length_max]u8 = undefined;
    for ([_][]const u8{
        "0.",                       "0.0",
        "1.000000000000000000",     "0.0000000000000000000",
        "0.0300",                   "-0.5"[1..],
        "0.1000000000000000056",    "2.710505431213759606E-16",
        "1.250999999999999890",     "0.005128205128205129935",
        "1000.000000000000000",     "12345.6789",
        "1.E+3",                    "18446744073709551615.",
        "6.041668378983746821E-05", "0.0001000000000000000048",
    }) |text| {
        try std.testing.expectEqual(text.len, scan(text));
        try std.testing.expectEqualStrings(text, try print(parse(text).?, &buffer));
    }
    try std.testing.expect(parse("0.1000000000000000056").?.layout.binary);
    try std.testing.expect(parse("2.710505431213759606E-16").?.layout.binary);
    try std.testing.expect(parse("1.250999999999999890").?.layout.binary);
    try std.testing.expect(!parse("0.1000000000000000057").?.layout.binary);
}

test "what is no number, or too long, is not read as one" {
    for ([_][]const u8{ "", ".", ".5", "12", "00.5", "1e5", "-1.0" }) |text| {
        try std.testing.expectEqual(0, scan(text));
    }
    try std.testing.expectEqual(3, scan("1.5E"));
    try std.testing.expectEqual(null, parse("18446744073709551616."));
    try std.testing.expectEqual(null, parse("0.00000000000000000000000000000000000000000001"));
    var buffer: [length_max]u8 = undefined;
    const long: Number = .{ .layout = .{ .fraction = 200 }, .integer = 1 };
    try std.testing.expectError(error.Damaged, print(long, &buffer));
}

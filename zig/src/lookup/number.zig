//! Numbers as JSON: the fewest digits that read back as the same value, laid out as Python does.
const std = @import("std");

pub const length_max = 32;

/// Writes `value`, which is finite, to `buffer` of `length_max` bytes.
pub fn write(buffer: []u8, value: f64) []const u8 {
    std.debug.assert(std.math.isFinite(value));
    var scientific: [64]u8 = undefined;
    const shortest = std.fmt.float.render(&scientific, value, .{ .mode = .scientific }) catch unreachable;
    const e = std.mem.findScalar(u8, shortest, 'e').?;
    const exponent = std.fmt.parseInt(i32, shortest[e + 1 ..], 10) catch unreachable;
    var digits: [32]u8 = undefined;
    var count: usize = 0;
    for (shortest[0..e]) |byte| {
        if (!std.ascii.isDigit(byte)) continue;
        digits[count] = byte;
        count += 1;
    }
    var writer: std.Io.Writer = .fixed(buffer);
    layOut(&writer, value < 0, digits[0..count], exponent) catch unreachable;
    return writer.buffered();
}

/// As people write it: whole numbers without a fraction.
pub fn plain(buffer: []u8, value: f64) []const u8 {
    const text = write(buffer, value);
    return if (std.mem.endsWith(u8, text, ".0")) text[0 .. text.len - 2] else text;
}

/// `0.0001` to `1000000000000000.0` in full, all else with an exponent.
fn layOut(writer: *std.Io.Writer, negative: bool, digits: []const u8, exponent: i32) !void {
    if (negative) try writer.writeByte('-');
    if (exponent < -4 or exponent >= 16) {
        try writer.writeByte(digits[0]);
        if (digits.len > 1) {
            try writer.writeByte('.');
            try writer.writeAll(digits[1..]);
        }
        const sign: u8 = if (exponent < 0) '-' else '+';
        try writer.print("e{c}{d:0>2}", .{ sign, @abs(exponent) });
    } else if (exponent < 0) {
        try writer.writeAll("0.");
        try zeros(writer, @abs(exponent) - 1);
        try writer.writeAll(digits);
    } else {
        const whole: usize = @intCast(exponent + 1);
        try writer.writeAll(digits[0..@min(whole, digits.len)]);
        if (whole > digits.len) try zeros(writer, whole - digits.len);
        try writer.writeByte('.');
        try writer.writeAll(if (whole < digits.len) digits[whole..] else "0");
    }
}

fn zeros(writer: *std.Io.Writer, count: usize) !void {
    for (0..count) |_| try writer.writeByte('0');
}

test "numbers look as Python prints them and read back the same" {
    const cases = .{
        .{ 0.0, "0.0" },                                         .{ 1.0, "1.0" },                                        .{ -1.5, "-1.5" },
        .{ 4700.0, "4700.0" },                                   .{ 0.0001, "0.0001" },                                  .{ 0.00001, "1e-05" },
        .{ 1.1e-9, "1.1e-09" },                                  .{ 1e15, "1000000000000000.0" },                        .{ 1e16, "1e+16" },
        .{ 5e-324, "5e-324" },                                   .{ 1.7976931348623157e308, "1.7976931348623157e+308" }, .{ 123456789.125, "123456789.125" },
        .{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
    };
    inline for (cases) |case| {
        var buffer: [length_max]u8 = undefined;
        const text = write(&buffer, case[0]);
        try std.testing.expectEqualStrings(case[1], text);
        try std.testing.expectEqual(case[0], try std.fmt.parseFloat(f64, text));
    }
}

test "in messages whole numbers have no fraction" {
    var buffer: [length_max]u8 = undefined;
    const cases = .{ .{ 9.0, "9" }, .{ -0.5, "-0.5" }, .{ 1e6, "1000000" }, .{ 1e-9, "1e-09" }, .{ 10.0625, "10.0625" } };
    inline for (cases) |case| try std.testing.expectEqualStrings(case[1], plain(&buffer, case[0]));
}

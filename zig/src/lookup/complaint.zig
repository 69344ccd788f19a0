//! What is wrong with a request, in one line that names the field: the only source of messages.
const std = @import("std");

pub const Error = error{Refused};

/// How much of a client's own text a message repeats.
const echo_bytes_max = 60;

const message_bytes_max = 2048;
/// Escaping makes a message at most six times as long.
pub const reply_bytes_max = 6 * message_bytes_max + 32;

pub const Complaint = struct {
    status: u16,
    buffer: [message_bytes_max]u8,
    length: usize,

    /// No complaint so far. In place: the buffer is not to be copied for nothing.
    pub fn init(complaint: *Complaint) void {
        complaint.status = 0;
        complaint.length = 0;
    }

    pub fn text(complaint: *const Complaint) []const u8 {
        return complaint.buffer[0..complaint.length];
    }

    /// 400: the body is not JSON at all.
    pub fn malformed(complaint: *Complaint, comptime format: []const u8, args: anytype) Error {
        return complaint.fill(400, format, args);
    }

    /// 422: the body is JSON, but not a request.
    pub fn invalid(complaint: *Complaint, comptime format: []const u8, args: anytype) Error {
        return complaint.fill(422, format, args);
    }

    /// Puts `queries.3.` before the message.
    pub fn within(complaint: *Complaint, index: usize) void {
        const copy = complaint.*;
        _ = complaint.fill(copy.status, "queries.{d}.{s}", .{ index, copy.text() }) catch {};
    }

    fn fill(complaint: *Complaint, status: u16, comptime format: []const u8, args: anytype) Error {
        complaint.status = status;
        var writer: std.Io.Writer = .fixed(&complaint.buffer);
        // A message that is too long ends early; it still names the field, which comes first.
        writer.print(format, args) catch {};
        complaint.length = wholeCharacters(writer.buffered()).len;
        return error.Refused;
    }

    /// `{"detail":"…"}`.
    pub fn write(complaint: *const Complaint, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        try writer.writeAll("{\"detail\":\"");
        for (complaint.text()) |byte| switch (byte) {
            '"', '\\' => try writer.writeAll(&.{ '\\', byte }),
            0...0x1f, 0x7f => try writer.print("\\u{x:0>4}", .{byte}),
            else => try writer.writeByte(byte),
        };
        try writer.writeAll("\"}");
    }
};

/// A client's text, cut where it is long.
pub fn echo(text: ?[]const u8) []const u8 {
    const whole = text orelse return "(too long)";
    if (whole.len <= echo_bytes_max) return whole;
    return wholeCharacters(whole[0..echo_bytes_max]);
}

/// Without the beginning of a character at the end.
fn wholeCharacters(text: []const u8) []const u8 {
    var length = text.len;
    while (length > 0 and text.len - length < 4) : (length -= 1) {
        if (std.unicode.utf8ValidateSlice(text[0..length])) return text[0..length];
    }
    return text[0..0];
}

test "a message is one JSON string, cut between characters" {
    var complaint: Complaint = undefined;
    complaint.init();
    try std.testing.expectEqual(error.Refused, complaint.invalid("a\"b: {s}", .{"\n"}));
    complaint.within(3);
    var buffer: [100]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try complaint.write(&writer);
    try std.testing.expectEqualStrings("{\"detail\":\"queries.3.a\\\"b: \\u000a\"}", writer.buffered());
    const long: [4000]u8 = @bitCast(@as([2000][2]u8, @splat("µ".*)));
    try std.testing.expectEqual(error.Refused, complaint.malformed("{s}", .{long}));
    try std.testing.expectEqual(2048, complaint.length);
    try std.testing.expectEqual(60, echo(&long).len);
    try std.testing.expectEqual(59, echo("a" ++ long).len);
}

//! A request's bytes become a reply's bytes.
const std = @import("std");
const Complaint = @import("complaint.zig").Complaint;
const Index = @import("index.zig").Index;
const json = @import("json.zig");
const finding = @import("find.zig");
const replies = @import("reply.zig");
const request = @import("request.zig");
const limit_max = @import("query.zig").limit_max;

/// An HTTP status and how long the reply is. Where it is longer than the buffer, nothing of use
/// was written, and the caller asks again with so much room.
pub const Reply = packed struct(u64) {
    length_bytes: u48,
    status: u16,

    pub fn init(status: u16, length_bytes: usize) Reply {
        return .{ .status = status, .length_bytes = @intCast(length_bytes) };
    }
};

/// Answers one query.
pub fn query(index: *const Index, body: []const u8, out: []u8) Reply {
    var complaint: Complaint = .{};
    var document: json.Document = .{};
    defer document.deinit();
    const value = request.parseBody(body, &document, &complaint) catch return refusal(&complaint, out);
    const asked = request.parse(index, value, &complaint) catch return refusal(&complaint, out);
    var rows: [limit_max]u32 = undefined;
    const count = finding.find(&asked, &rows) catch return damaged(out);
    const length = replies.lengthBytes(asked.family, rows[0..count]) catch return damaged(out);
    if (length <= out.len) replies.write(asked.family, rows[0..count], out[0..length]);
    return .init(200, length);
}

pub fn refusal(complaint: *const Complaint, out: []u8) Reply {
    // Escaping makes a message at most six times as long.
    var buffer: [6 * 2048 + 32]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    complaint.write(&writer) catch unreachable;
    return copied(complaint.status, writer.buffered(), out);
}

/// A file that was changed after it was verified, or that was never made by the builder.
pub fn damaged(out: []u8) Reply {
    return copied(500, "{\"detail\":\"lookup.idx is damaged; publish a new snapshot\"}", out);
}

pub fn outOfMemory(out: []u8) Reply {
    return copied(500, "{\"detail\":\"out of memory\"}", out);
}

fn copied(status: u16, text: []const u8, out: []u8) Reply {
    if (text.len <= out.len) @memcpy(out[0..text.len], text);
    return .init(status, text.len);
}

test "the packed reply has the status in its upper 16 bits" {
    const packed_reply: u64 = @bitCast(Reply.init(422, 7));
    try std.testing.expectEqual(422 << 48 | 7, packed_reply);
}

//! Writes `lookup.idx` from front to back, hashing each chunk as it goes.
const std = @import("std");
const format = @import("../format.zig");

pub const Error = error{ CannotWrite, OutOfMemory };

pub const Writer = struct {
    gpa: std.mem.Allocator,
    file: std.c.fd_t,
    /// The chunk that is being filled; chunks begin behind the header page.
    chunk: []u8,
    filled: usize = 0,
    chunk_start: u64 = format.header_bytes,
    hashes: std.ArrayList(u64) = .empty,

    pub fn init(gpa: std.mem.Allocator, file: std.c.fd_t) Error!Writer {
        return .{ .gpa = gpa, .file = file, .chunk = try gpa.alloc(u8, format.chunk_bytes) };
    }

    pub fn deinit(writer: *Writer) void {
        writer.gpa.free(writer.chunk);
        writer.hashes.deinit(writer.gpa);
    }

    pub fn position(writer: *const Writer) u64 {
        return writer.chunk_start + writer.filled;
    }

    pub fn write(writer: *Writer, bytes: []const u8) Error!void {
        var rest = bytes;
        while (rest.len > 0) {
            const count = @min(rest.len, writer.chunk.len - writer.filled);
            @memcpy(writer.chunk[writer.filled..][0..count], rest[0..count]);
            writer.filled += count;
            rest = rest[count..];
            if (writer.filled == writer.chunk.len) try writer.flush();
        }
    }

    /// A whole section; see `end`.
    pub fn section(writer: *Writer, items: anytype) Error!format.Span {
        const start = writer.position();
        try writer.write(std.mem.sliceAsBytes(items));
        return writer.end(start);
    }

    /// Ends the section that began at `start`, with the slack that vectors may read.
    pub fn end(writer: *Writer, start: u64) Error!format.Span {
        const length_bytes = writer.position() - start;
        const zeros: [format.slack_bytes + format.section_alignment]u8 = @splat(0);
        const slack_end = writer.position() + format.slack_bytes;
        const next = std.mem.alignForward(u64, slack_end, format.section_alignment);
        try writer.write(zeros[0..@intCast(next - writer.position())]);
        return .{ .offset = start, .length_bytes = length_bytes };
    }

    /// The chunk hashes and the header; the file is whole afterwards.
    pub fn finish(writer: *Writer, given: format.Header) Error!void {
        var header = given;
        header.body_end = writer.position();
        if (writer.filled > 0) try writer.flush();
        const hashes = std.mem.sliceAsBytes(writer.hashes.items);
        header.chunk_hashes = .{ .offset = header.body_end, .length_bytes = hashes.len };
        header.chunk_hashes_hash = format.hash(hashes);
        header.file_bytes = header.body_end + hashes.len;
        try pwriteAll(writer.file, hashes, header.body_end);
        var page: [format.header_bytes]u8 = @splat(0);
        @memcpy(page[0..@sizeOf(format.Header)], std.mem.asBytes(&header));
        header.page_hash = format.pageHash(&page);
        @memcpy(page[0..@sizeOf(format.Header)], std.mem.asBytes(&header));
        try pwriteAll(writer.file, &page, 0);
    }

    fn flush(writer: *Writer) Error!void {
        const bytes = writer.chunk[0..writer.filled];
        try writer.hashes.append(writer.gpa, format.hash(bytes));
        try pwriteAll(writer.file, bytes, writer.chunk_start);
        writer.chunk_start += writer.filled;
        writer.filled = 0;
    }
};

fn pwriteAll(file: std.c.fd_t, bytes: []const u8, offset: u64) Error!void {
    var done: usize = 0;
    while (done < bytes.len) {
        const count = std.c.pwrite(file, bytes.ptr + done, bytes.len - done, @intCast(offset + done));
        if (count <= 0) return error.CannotWrite;
        done += @intCast(count);
    }
}

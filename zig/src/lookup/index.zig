//! `lookup.idx` in memory: mapped, verified as a whole, and taken apart into slices.
const std = @import("std");
const format = @import("format.zig");
const schema = @import("schema.zig");
const Prices = @import("prices.zig").Prices;

const Allocator = std.mem.Allocator;

pub const Error = error{
    CannotRead,
    NotAnIndex,
    OtherVersion,
    DamagedIndex,
    OutOfMemory,
};

pub const Column = struct {
    name: []const u8,
    kind: format.Kind,
    ppm_fraction: bool,
    code_bytes: u32,
    distinct: u32,
    /// The columns that a range on this one limits; itself where it has no bounds.
    minimum_column: u32,
    maximum_column: u32,
    bounds_ordered: bool,
    reals: []const f64,
    text_offsets: []const u32,
    text: []const u8,
    starts: []const u32,
    postings: []const u32,
    codes: [*]const u8,
    codes_by_package: [*]const u8,

    /// How many rows have a code of `low`…`high`; codes are from 1.
    pub fn count(column: *const Column, low: u32, high: u32) u32 {
        if (low > high) return 0;
        return column.starts[high] - column.starts[low - 1];
    }

    /// A row's code in rank order.
    pub fn code(column: *const Column, row: u32) u32 {
        return switch (column.code_bytes) {
            1 => column.codes[row],
            2 => @as([*]const u16, @ptrCast(@alignCast(column.codes)))[row],
            else => @as([*]const u32, @ptrCast(@alignCast(column.codes)))[row],
        };
    }

    /// How many values are below `value`.
    pub fn below(column: *const Column, value: f64) u32 {
        return @intCast(std.sort.partitionPoint(f64, column.reals, value, isBelow));
    }

    /// How many values are `value` or below.
    pub fn upTo(column: *const Column, value: f64) u32 {
        return @intCast(std.sort.partitionPoint(f64, column.reals, value, isUpTo));
    }

    fn isBelow(value: f64, item: f64) bool {
        return item < value;
    }

    fn isUpTo(value: f64, item: f64) bool {
        return item <= value;
    }

    /// The code of a text however it is spelled, or 0 where no row has it.
    pub fn codeOf(column: *const Column, wanted: []const u8) u32 {
        var low: u32 = 0;
        var high: u32 = column.distinct;
        while (low < high) {
            const middle = low + (high - low) / 2;
            const item = column.text[column.text_offsets[middle]..column.text_offsets[middle + 1]];
            switch (orderFolded(item, wanted)) {
                .eq => return middle + 1,
                .lt => low = middle + 1,
                .gt => high = middle,
            }
        }
        return 0;
    }
};

/// Compares with `b` folded; `a` is so already.
fn orderFolded(a: []const u8, b: []const u8) std.math.Order {
    for (a[0..@min(a.len, b.len)], b[0..@min(a.len, b.len)]) |x, y| {
        const folded = format.foldByte(y);
        if (x != folded) return std.math.order(x, folded);
    }
    return std.math.order(a.len, b.len);
}

pub const Family = struct {
    schema: schema.Family,
    /// What every reply of this family begins with.
    preamble: []const u8,
    rows: u32,
    group_ends: [4]u32,
    stock: []const i64,
    candidate_starts: []const u64,
    candidates: []const u8,
    prices: Prices,
    /// The package first, then the schema's columns in order.
    columns: []const Column,
};

pub const Index = struct {
    gpa: Allocator,
    arena: std.heap.ArenaAllocator,
    bytes: []align(std.heap.page_size_min) const u8,
    schema: schema.Schema,
    families: []const Family,

    /// Maps the file at `path` and verifies all of it.
    pub fn open(gpa: Allocator, path: [*:0]const u8) Error!*Index {
        const bytes = try map(path, .{ .TYPE = .SHARED, .POPULATE = true });
        errdefer std.posix.munmap(bytes);
        const index = try gpa.create(Index);
        errdefer gpa.destroy(index);
        index.* = .{
            .gpa = gpa,
            .arena = .init(gpa),
            .bytes = bytes,
            .schema = undefined,
            .families = undefined,
        };
        errdefer index.arena.deinit();
        try index.load();
        return index;
    }

    pub fn close(index: *Index) void {
        std.posix.munmap(index.bytes);
        index.arena.deinit();
        index.gpa.destroy(index);
    }

    fn load(index: *Index) Error!void {
        const header = try verify(index.bytes);
        const arena = index.arena.allocator();
        const view: View = .{ .bytes = index.bytes, .end = header.body_end };
        index.schema = schema.Schema.parse(arena, try view.items(u8, header.schema, null)) catch |err|
            return if (err == error.OutOfMemory) error.OutOfMemory else error.DamagedIndex;
        const records = try view.items(format.FamilyRecord, header.families, header.family_count);
        const columns = try view.items(format.ColumnRecord, header.columns, header.column_count);
        if (records.len != index.schema.families.len) return error.DamagedIndex;
        const families = try arena.alloc(Family, records.len);
        for (families, records, index.schema.families) |*family, record, described| {
            family.* = try loadFamily(arena, view, record, columns, described);
        }
        index.families = families;
    }
};

/// The mapped bytes of the whole file.
pub fn map(path: [*:0]const u8, flags: std.posix.MAP) Error![]align(std.heap.page_size_min) const u8 {
    const file = std.posix.openatZ(std.c.AT.FDCWD, path, .{ .ACCMODE = .RDONLY, .CLOEXEC = true }, 0) catch
        return error.CannotRead;
    defer _ = std.c.close(file);
    const size = std.c.lseek(file, 0, std.c.SEEK.END);
    if (size < 0) return error.CannotRead;
    if (size == 0) return error.NotAnIndex;
    return std.posix.mmap(null, @intCast(size), .{ .READ = true }, flags, file, 0) catch
        error.CannotRead;
}

/// The header, after every byte of the file was found as it was written.
fn verify(bytes: []const u8) Error!format.Header {
    if (bytes.len < 16 or !std.mem.eql(u8, bytes[0..8], format.magic)) return error.NotAnIndex;
    if (bytes.len < format.header_bytes) return error.DamagedIndex;
    const header = std.mem.bytesToValue(format.Header, bytes[0..@sizeOf(format.Header)]);
    if (header.version != format.version) return error.OtherVersion;
    if (header.page_hash != format.pageHash(bytes[0..format.header_bytes])) return error.DamagedIndex;
    if (header.file_bytes != bytes.len) return error.DamagedIndex;
    if (header.body_end < format.header_bytes or header.body_end > bytes.len) return error.DamagedIndex;
    const body = bytes[format.header_bytes..@intCast(header.body_end)];
    const hashes = bytes[@intCast(header.body_end)..];
    const chunks = std.math.divCeil(usize, body.len, format.chunk_bytes) catch unreachable;
    if (hashes.len != chunks * @sizeOf(u64)) return error.DamagedIndex;
    if (header.chunk_hashes_hash != format.hash(hashes)) return error.DamagedIndex;
    if (!chunksMatch(body, hashes)) return error.DamagedIndex;
    return header;
}

/// Below, one thread is done before a second has started.
const chunks_per_thread_min = 16;
const threads_max = 4;

fn chunksMatch(body: []const u8, hashes: []const u8) bool {
    const chunks = hashes.len / @sizeOf(u64);
    const cores = std.Thread.getCpuCount() catch 1;
    const workers = @max(1, @min(threads_max, cores, chunks / chunks_per_thread_min));
    var threads: [threads_max]?std.Thread = @splat(null);
    var match: [threads_max]bool = @splat(true);
    for (1..workers) |worker| {
        threads[worker] = std.Thread.spawn(.{ .stack_size = 256 << 10 }, matchSome, .{ body, hashes, worker, workers, &match[worker] }) catch null;
    }
    matchSome(body, hashes, 0, workers, &match[0]);
    for (1..workers) |worker| {
        if (threads[worker]) |thread| thread.join() else matchSome(body, hashes, worker, workers, &match[worker]);
    }
    return std.mem.allEqual(bool, &match, true);
}

/// Every `step`-th chunk from `first` on.
fn matchSome(body: []const u8, hashes: []const u8, first: usize, step: usize, match: *bool) void {
    var chunk = first;
    while (chunk * format.chunk_bytes < body.len) : (chunk += step) {
        const start = chunk * format.chunk_bytes;
        const bytes = body[start..@min(start + format.chunk_bytes, body.len)];
        const stored = std.mem.readInt(u64, hashes[chunk * @sizeOf(u64) ..][0..@sizeOf(u64)], .little);
        if (format.hash(bytes) != stored) {
            match.* = false;
            return;
        }
    }
}

/// The body, and the check that a section lies within it.
const View = struct {
    bytes: []const u8,
    end: u64,

    /// The items of a section; `wanted` is how many there must be.
    fn items(view: View, comptime Item: type, span: format.Span, wanted: ?u64) Error![]const Item {
        const end = std.math.add(u64, span.offset, span.length_bytes) catch return error.DamagedIndex;
        const slack_end = std.math.add(u64, end, format.slack_bytes) catch return error.DamagedIndex;
        if (span.offset < format.header_bytes or slack_end > view.end) return error.DamagedIndex;
        if (span.offset % format.section_alignment != 0) return error.DamagedIndex;
        if (span.length_bytes % @sizeOf(Item) != 0) return error.DamagedIndex;
        const section = view.bytes[@intCast(span.offset)..@intCast(end)];
        const count = section.len / @sizeOf(Item);
        if (wanted != null and wanted.? != count) return error.DamagedIndex;
        return @as([*]const Item, @ptrCast(@alignCast(section.ptr)))[0..count];
    }
};

fn loadFamily(
    arena: Allocator,
    view: View,
    record: format.FamilyRecord,
    all_columns: []const format.ColumnRecord,
    described: schema.Family,
) Error!Family {
    if (record.rows > format.rows_max) return error.DamagedIndex;
    if (record.column_count != described.columns.len + 1) return error.DamagedIndex;
    if (record.column_first > all_columns.len or
        record.column_count > all_columns.len - record.column_first) return error.DamagedIndex;
    const rows: u32 = @intCast(record.rows);
    const columns = try arena.alloc(Column, record.column_count);
    for (columns, all_columns[record.column_first..][0..columns.len], 0..) |*column, stored, place| {
        column.* = try loadColumn(view, stored, rows, @intCast(place), columns.len);
        const wanted: format.Kind = if (place == 0 or described.columns[place - 1].kind == .text) .text else .real;
        if (column.kind != wanted) return error.DamagedIndex;
        column.name = if (place == 0) "package" else described.columns[place - 1].name;
        column.ppm_fraction = place > 0 and described.columns[place - 1].ppm_fraction;
    }
    // Every row has a package: its postings are the order of the second copies of codes.
    if (columns[0].postings.len != rows) return error.DamagedIndex;
    for (columns) |column| {
        for ([_]u32{ column.minimum_column, column.maximum_column }) |bound| {
            if (columns[bound].kind != .real and column.kind == .real) return error.DamagedIndex;
        }
    }
    var group_ends: [4]u32 = undefined;
    var last: u64 = 0;
    for (&group_ends, record.group_ends) |*end, stored| {
        if (stored < last or stored > rows) return error.DamagedIndex;
        end.* = @intCast(stored);
        last = stored;
    }
    if (last != rows) return error.DamagedIndex;
    return .{
        .schema = described,
        .preamble = try std.fmt.allocPrint(arena, "{{\"component_type\":\"{s}\",\"candidates\":[", .{described.name}),
        .rows = rows,
        .group_ends = group_ends,
        .stock = try view.items(i64, record.stock, rows),
        .candidate_starts = try view.items(u64, record.candidate_starts, @as(u64, rows) + 1),
        .candidates = try view.items(u8, record.candidates, null),
        .prices = try loadPrices(view, record, rows),
        .columns = columns,
    };
}

fn loadPrices(view: View, record: format.FamilyRecord, rows: u32) Error!Prices {
    if (record.price_count >= format.rows_max) return error.DamagedIndex;
    const prices: Prices = .{
        .unknown = @intCast(record.price_count),
        .offsets = try view.items(u32, record.price_offsets, record.price_count + 2),
        .text = try view.items(u8, record.price_text, null),
        .tier_starts = try view.items(u32, record.tier_starts, @as(u64, rows) + 1),
        .tiers = try view.items(format.Tier, record.tiers, null),
        .orders = try view.items(u32, record.price_orders, @as(u64, rows) * format.price_band_count),
    };
    if (!rises(prices.offsets, prices.text.len)) return error.DamagedIndex;
    if (!rises(prices.tier_starts, prices.tiers.len)) return error.DamagedIndex;
    return prices;
}

fn loadColumn(view: View, record: format.ColumnRecord, rows: u32, place: u32, column_count: usize) Error!Column {
    if (record.code_bytes != format.codeBytes(record.distinct)) return error.DamagedIndex;
    const is_text = record.kind == .text;
    if (!is_text and record.kind != .real) return error.DamagedIndex;
    const column: Column = .{
        .name = "",
        .kind = record.kind,
        .ppm_fraction = false,
        .code_bytes = record.code_bytes,
        .distinct = record.distinct,
        .minimum_column = if (record.minimum_column == format.no_column) place else record.minimum_column,
        .maximum_column = if (record.maximum_column == format.no_column) place else record.maximum_column,
        .bounds_ordered = record.bounds_ordered == 1,
        .reals = if (is_text) &.{} else try view.items(f64, record.dictionary, record.distinct),
        .text_offsets = if (is_text) try view.items(u32, record.dictionary, @as(u64, record.distinct) + 1) else &.{},
        .text = if (is_text) try view.items(u8, record.text, null) else &.{},
        .starts = try view.items(u32, record.starts, @as(u64, record.distinct) + 1),
        .postings = try view.items(u32, record.postings, null),
        .codes = (try view.items(u8, record.codes, @as(u64, rows) * record.code_bytes)).ptr,
        .codes_by_package = if (place == 0)
            undefined
        else
            (try view.items(u8, record.codes_by_package, @as(u64, rows) * record.code_bytes)).ptr,
    };
    if (column.minimum_column >= column_count or column.maximum_column >= column_count) return error.DamagedIndex;
    if (is_text and !rises(column.text_offsets, column.text.len)) return error.DamagedIndex;
    if (!rises(column.starts, column.postings.len)) return error.DamagedIndex;
    return column;
}

/// Offsets from 0 to `end` that never fall.
fn rises(offsets: []const u32, end: usize) bool {
    if (offsets[0] != 0 or offsets[offsets.len - 1] != end) return false;
    for (offsets[0 .. offsets.len - 1], offsets[1..]) |a, b| if (a > b) return false;
    return true;
}

test "texts are compared in any case" {
    const eq = std.testing.expectEqual;
    try eq(.eq, orderFolded("sot_23", "SOT-23"));
    try eq(.lt, orderFolded("sot", "SOT-23"));
    try eq(.gt, orderFolded("x", "SOT-23"));
}

test "offsets that fall or end elsewhere are refused" {
    try std.testing.expect(rises(&.{ 0, 0, 2, 5 }, 5));
    try std.testing.expect(!rises(&.{ 0, 3, 2, 5 }, 5));
    try std.testing.expect(!rises(&.{ 0, 1 }, 2));
    try std.testing.expect(!rises(&.{ 1, 2 }, 2));
}

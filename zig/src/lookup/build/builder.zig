//! Builds `lookup.idx` from the bytes of `fast.sqlite`.
const std = @import("std");
const format = @import("../format.zig");
const schema = @import("../schema.zig");
const prices = @import("prices.zig");
const sqlite = @import("sqlite.zig");
const family_layout = @import("family.zig");
const Source = @import("table.zig").Source;
const Table = @import("table.zig").Table;
const Writer = @import("writer.zig").Writer;

/// Where each family's table lies, in the order of the schema's families.
pub const Plan = struct {
    tables: []const Source,
    prices: ?prices.Source = null,
};

/// Writes the whole index to `file`. After an error `message` says what is wrong, in words.
pub fn build(
    gpa: std.mem.Allocator,
    database_bytes: []const u8,
    price_bytes: ?[]const u8,
    /// Whether both are mapped files.
    mapped: bool,
    schema_text: []const u8,
    plan_text: []const u8,
    file: std.c.fd_t,
    message: *std.Io.Writer,
) !void {
    var arena_state: std.heap.ArenaAllocator = .init(gpa);
    defer arena_state.deinit();
    const arena = arena_state.allocator();
    const families = (try schema.Schema.parse(arena, schema_text)).families;
    const plan = std.json.parseFromSliceLeaky(Plan, arena, plan_text, .{}) catch return error.BadPlan;
    if (plan.tables.len != families.len) return error.BadPlan;
    if ((plan.prices == null) != (price_bytes == null)) return error.BadPlan;
    var database = try sqlite.Database.init(database_bytes);
    database.mapped = mapped;
    var priced = if (price_bytes) |bytes| try sqlite.Database.init(bytes) else null;
    if (priced) |*parts| parts.mapped = mapped;

    var writer = try Writer.init(gpa, file);
    defer writer.deinit();
    var columns: std.ArrayList(format.ColumnRecord) = .empty;
    var records: std.ArrayList(format.FamilyRecord) = .empty;
    for (families, plan.tables) |family, source| {
        if (source.columns.len != family.columns.len) return error.BadPlan;
        const kinds = try arena.alloc(format.Kind, family.columns.len + 1);
        kinds[0] = .text;
        for (kinds[1..], family.columns) |*kind, column| {
            kind.* = if (column.kind == .real) .real else .text;
        }
        var table = try Table.init(gpa, kinds);
        defer table.deinit();
        for (table.dictionaries[1..], family.columns) |*dictionary, column| dictionary.whole = column.whole;
        table.read(database, source) catch |err| {
            if (err == error.BadRow) try complain(message, family, source, &table);
            return err;
        };
        if (priced) |parts| try table.tiers.read(parts, plan.prices.?, table.lcsc_ids.items);
        // What a family needed for itself goes before the next begins.
        var scratch: std.heap.ArenaAllocator = .init(gpa);
        defer scratch.deinit();
        var own: std.ArrayList(format.ColumnRecord) = .empty;
        var record = try family_layout.write(gpa, scratch.allocator(), &writer, family, &table, &own);
        record.column_first = @intCast(columns.items.len);
        try columns.appendSlice(arena, own.items);
        try records.append(arena, record);
    }
    var header: format.Header = .{
        .family_count = @intCast(records.items.len),
        .column_count = @intCast(columns.items.len),
    };
    header.schema = try writer.section(schema_text);
    header.families = try writer.section(records.items);
    header.columns = try writer.section(columns.items);
    try writer.finish(header);
}

fn complain(message: *std.Io.Writer, family: schema.Family, source: Source, table: *const Table) !void {
    const complaint = table.complaint;
    const name = for (source.columns, family.columns) |position, column| {
        if (position == complaint.position) break column.name;
    } else if (complaint.position == source.package)
        "package"
    else if (complaint.position == source.stock)
        "stock"
    else if (complaint.position == source.is_basic)
        "is_basic"
    else
        "is_preferred";
    try message.print("{s}: C{d}: {s} {s}", .{ family.table, complaint.lcsc_id, name, complaint.reason });
}

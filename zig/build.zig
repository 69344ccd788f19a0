//! One shared library with a C interface, and its tests: `zig build`, `zig build test`.
//!
//! The pipeline itself calls `zig build-lib` with the same settings (components.native.load):
//! with an empty cache that takes seconds, where the build system first compiles itself.
const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.option(std.builtin.Optimize, "optimize", "default: fast") orelse .fast;

    const library = b.addLibrary(.{
        .name = "lookup",
        .linkage = .dynamic,
        .root_module = root(b, target, optimize),
    });
    const tests = b.addTest(.{
        .root_module = root(b, target, .debug),
        // Zig's own backend faults on vectors as wide as those of src/wide.
        .use_llvm = true,
    });

    b.installArtifact(library);
    b.step("test", "Run the unit tests").dependOn(&b.addRunArtifact(tests).step);
}

fn root(b: *std.Build, target: std.Build.ResolvedTarget, optimize: std.builtin.Optimize) *std.Build.Module {
    var wide = target.query;
    if (target.result.cpu.arch == .x86_64) wide.cpu_model = .{ .explicit = &std.Target.x86.cpu.x86_64_v4 };
    const module = b.createModule(.{
        .root_source_file = b.path("src/root.zig"),
        .target = target,
        .optimize = optimize,
        .strip = optimize != .debug,
        .link_libc = true,
    });
    // Called only where the processor has what it is compiled for: src/cpu.zig.
    module.addImport("wide", b.createModule(.{
        .root_source_file = b.path("src/wide/kernel.zig"),
        .target = b.resolveTargetQuery(wide),
        .optimize = optimize,
        .strip = optimize != .debug,
    }));
    return module;
}

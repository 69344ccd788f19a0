//! One shared library with a C interface, and its tests: `zig build`, `zig build test`.
//!
//! The pipeline itself calls `zig build-lib` with the same settings (components.shared.native):
//! with an empty cache that takes seconds, where the build system first compiles itself.
const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.option(std.builtin.Optimize, "optimize", "default: fast") orelse .fast;

    const library = b.addLibrary(.{
        .name = "lookup",
        .linkage = .dynamic,
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/root.zig"),
            .target = target,
            .optimize = optimize,
            .strip = optimize != .debug,
            .link_libc = true,
        }),
    });
    const tests = b.addTest(.{
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/root.zig"),
            .target = target,
            .optimize = .debug,
            .link_libc = true,
        }),
    });

    b.installArtifact(library);
    b.step("test", "Run the unit tests").dependOn(&b.addRunArtifact(tests).step);
}

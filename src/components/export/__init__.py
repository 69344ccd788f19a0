"""What a published snapshot is written as for other programs: file targets, made on demand."""

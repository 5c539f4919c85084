/** A logger that keeps what it is told, for tests. */
export class RecordingLogger {
  readonly lines: {
    readonly level: "info" | "warn" | "error";
    readonly details: unknown;
    readonly message: string | undefined;
  }[] = [];

  info = (details: unknown, message?: string): void => this.#keep("info", details, message);
  warn = (details: unknown, message?: string): void => this.#keep("warn", details, message);
  error = (details: unknown, message?: string): void => this.#keep("error", details, message);

  count(level: "info" | "warn" | "error"): number {
    return this.lines.filter((line) => line.level === level).length;
  }

  #keep(level: "info" | "warn" | "error", details: unknown, message: string | undefined): void {
    this.lines.push({ level, details, message });
  }
}

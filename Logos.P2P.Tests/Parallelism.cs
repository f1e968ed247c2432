using NUnit.Framework;

// Most tests wait for processes, sockets or a clock of the system, and a simulation has one thread: side by side they take
// half the time. Twice as many as CI has cores, since about every other one waits. Classes that measure this process, or how
// long something takes, are marked [NonParallelizable] and run alone, after the others.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]

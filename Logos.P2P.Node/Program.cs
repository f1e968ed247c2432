using Logos.P2P.Node;

// Before the first socket exists: completions then run on the thread that the kernel woke, which saves the hop to another
// one. That is half of the delay of a relay.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
return await CommandLine.RunAsync(args).ConfigureAwait(false);

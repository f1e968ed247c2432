using Logos.P2P.Fuzz;

return await FuzzCommands.RunAsync(args);

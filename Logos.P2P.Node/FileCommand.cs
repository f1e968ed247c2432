using System.CommandLine;

namespace Logos.P2P.Node;

/// <summary>What the commands have in common that work on files: arguments that name them, and what becomes of errors.</summary>
internal static class FileCommand
{
    public static Argument<string> DirectoryArgument() => Argument("directory", "A data directory.");

    public static Argument<string> FileArgument(string description) => Argument("file", description);

    public static Argument<string> PathArgument(string description) => Argument("path", description);

    /// <summary>Runs a command; what goes wrong with files is told and is no fault of the program.</summary>
    public static int Run(Func<int> command) => RunAsync(() => Task.FromResult(command())).GetAwaiter().GetResult();

    /// <summary>Runs a command; what goes wrong with files is told and is no fault of the program.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }

    private static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(value =>
        {
            if (value.Tokens.Any(token => token.Value.Length == 0))
                value.AddError($"The {name} is empty.");
        });
        return argument;
    }
}

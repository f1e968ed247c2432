using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Logos.P2P.Fuzz.Coverage;

/// <summary>The edges of one method.</summary>
/// <param name="Assembly">Its assembly.</param>
/// <param name="Type">The full name of its type, or of the one around it that has a name in the sources.</param>
/// <param name="First">Its first edge.</param>
/// <param name="Count">How many it has.</param>
internal sealed record MethodEdges(string Assembly, string Type, int First, int Count);

/// <summary>
/// Puts a counter on every edge of an assembly's code: on the way into each method and into each handler of exceptions, and on
/// each way that a branch can go. What follows without a choice needs none. The file on disk stays as it is.
/// </summary>
internal sealed class Instrumenter
{
    private const int ShortestWord = 3, LongestWord = 32;

    private readonly List<MethodEdges> _methods = [];
    private readonly HashSet<string> _words = [];
    private int _edges;

    /// <summary>The methods with their edges, those of one assembly together.</summary>
    public IReadOnlyList<MethodEdges> Methods => _methods;

    /// <summary>
    /// The constants of the code, as bytes: numbers that inputs are compared with, and words. A mutation that knows them passes
    /// comparisons that chance would not.
    /// </summary>
    public IEnumerable<byte[]> Words => _words.Select(Convert.FromHexString);

    /// <summary>Makes an instrumented copy of an assembly.</summary>
    public MemoryStream Instrument(string path)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(path));
        using var assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { AssemblyResolver = resolver });
        ModuleDefinition module = assembly.MainModule;
        FieldReference counters = module.ImportReference(typeof(EdgeMap).GetField(nameof(EdgeMap.Counters)));
        foreach (TypeDefinition type in module.GetTypes())
        {
            foreach (MethodDefinition method in type.Methods.Where(method => method.HasBody && !IsExempt(method)))
                Instrument(assembly.Name.Name, method, counters);
        }

        var stream = new MemoryStream();
        assembly.Write(stream);
        stream.Position = 0;
        return stream;
    }

    /// <summary>
    /// What the compiler makes of records and properties says nothing about how well inputs do. Local functions, whose names begin
    /// with a bracket, do.
    /// </summary>
    private static bool IsExempt(MethodDefinition method) =>
        !method.Name.StartsWith('<')
        && method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == nameof(CompilerGeneratedAttribute));

    private void Instrument(string assembly, MethodDefinition method, FieldReference counters)
    {
        int first = _edges;
        MethodBody body = method.Body;
        body.SimplifyMacros();
        Collect(body);
        ILProcessor il = body.GetILProcessor();
        Instruction[] original = [.. body.Instructions];
        var inserter = new Inserter(il, counters, () => _edges++);
        foreach (Instruction instruction in original)
        {
            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch)
                inserter.CountBranch(instruction);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            if (handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter)
                inserter.CountHandler(handler);
        }

        inserter.CountEntry(original[0]);
        body.OptimizeMacros();
        if (_edges > EdgeMap.Capacity)
            throw new InvalidOperationException($"There are more than {EdgeMap.Capacity} edges.");
        TypeDefinition type = method.DeclaringType;
        while (type.Name.StartsWith('<') && type.DeclaringType is not null)
            type = type.DeclaringType;
        _methods.Add(new MethodEdges(assembly, type.FullName, first, _edges - first));
    }

    private void Collect(MethodBody body)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (Instruction instruction in body.Instructions)
        {
            switch (instruction.Operand)
            {
                case int value and (> byte.MaxValue or < sbyte.MinValue):
                    BinaryPrimitives.WriteInt32LittleEndian(number, value);
                    _words.Add(Convert.ToHexString(number[..(value is > 0 and <= ushort.MaxValue ? sizeof(ushort) : sizeof(int))]));
                    break;
                case long value:
                    BinaryPrimitives.WriteInt64LittleEndian(number, value);
                    _words.Add(Convert.ToHexString(number));
                    break;
                case string { Length: >= ShortestWord and <= LongestWord } text:
                    _words.Add(Convert.ToHexString(Encoding.UTF8.GetBytes(text)));
                    break;
            }
        }
    }

    private sealed class Inserter(ILProcessor il, FieldReference counters, Func<int> nextEdge)
    {
        /// <summary>
        /// Counts either way of a branch. Between it and what follows comes a counter for not branching, and behind a jump over
        /// it, the target's counter with a jump to the target: all in the same region of exceptions, which jumps may not leave.
        /// </summary>
        public void CountBranch(Instruction branch)
        {
            Instruction next = branch.Next;
            Instruction at = Append(branch, Counter());
            at = Append(at, [il.Create(OpCodes.Br, next)]);
            if (branch.Operand is Instruction[] targets)
            {
                for (int i = 0; i < targets.Length; i++)
                    (at, targets[i]) = AppendWay(at, targets[i]);
            }
            else
            {
                (at, Instruction way) = AppendWay(at, (Instruction)branch.Operand);
                branch.Operand = way;
            }
        }

        /// <summary>Counts that an exception is caught. What is caught is on the stack and stays there.</summary>
        public void CountHandler(ExceptionHandler handler)
        {
            Instruction start = handler.HandlerStart;
            Instruction counted = InsertBefore(start);
            foreach (ExceptionHandler other in il.Body.ExceptionHandlers)
            {
                other.TryEnd = other.TryEnd == start ? counted : other.TryEnd;
                other.HandlerEnd = other.HandlerEnd == start ? counted : other.HandlerEnd;
                other.HandlerStart = other.HandlerStart == start ? counted : other.HandlerStart;
            }
        }

        /// <summary>Counts that the method is called. Jumps to its beginning stay where they were.</summary>
        public void CountEntry(Instruction start) => InsertBefore(start);

        private Instruction InsertBefore(Instruction start)
        {
            Instruction[] counter = Counter();
            foreach (Instruction instruction in counter)
                il.InsertBefore(start, instruction);
            return counter[0];
        }

        private (Instruction Last, Instruction Way) AppendWay(Instruction at, Instruction target)
        {
            Instruction[] counter = Counter();
            at = Append(at, counter);
            return (Append(at, [il.Create(OpCodes.Br, target)]), counter[0]);
        }

        private Instruction Append(Instruction at, Instruction[] instructions)
        {
            foreach (Instruction instruction in instructions)
            {
                il.InsertAfter(at, instruction);
                at = instruction;
            }

            return at;
        }

        private Instruction[] Counter() =>
        [
            il.Create(OpCodes.Ldsfld, counters),
            il.Create(OpCodes.Ldc_I4, nextEdge()),
            il.Create(OpCodes.Add),
            il.Create(OpCodes.Dup),
            il.Create(OpCodes.Ldind_U1),
            il.Create(OpCodes.Ldc_I4_1),
            il.Create(OpCodes.Add),
            il.Create(OpCodes.Conv_U1),
            il.Create(OpCodes.Stind_I1),
        ];
    }
}

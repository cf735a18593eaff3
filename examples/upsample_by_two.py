"""Double the size exactly, whatever the input: every transposed convolution that does it.

Prints:
    stride = 2
    2*padding = kernel_size + output_padding - 2
    output_padding < 2
    5 layers, for every n >= 1:
        ConvTranspose(2, stride=2)
            the up-convolution of U-Net
            each input fills its own block: no overlap
        ConvTranspose(4, stride=2, padding=1)
            the upsampling layer of DCGAN and pix2pix
        ConvTranspose(6, stride=2, padding=2)
        ConvTranspose(3, stride=2, padding=1, output_padding=1)
            checkerboard risk: kernel_size 3 is not divisible by stride 2
            output_padding=1 needed: the end of the output sees fewer inputs
            1 or 2 taps by phase
        ConvTranspose(5, stride=2, padding=2, output_padding=1)
            checkerboard risk: kernel_size 5 is not divisible by stride 2
            output_padding=1 needed: the end of the output sees fewer inputs
            2 or 3 taps by phase
"""

from solver import ConvTranspose, n, solve

solutions = solve(ConvTranspose, n, 2 * n, kernel_size="2..6")
for condition in solutions.family:
    print(condition)
print(f"{solutions.count()} layers, for every {solutions.holds_for}:")
for answer in solutions.answers():
    print(f"    {answer.layer}")
    for note in answer.notes:
        print(f"        {note}")
